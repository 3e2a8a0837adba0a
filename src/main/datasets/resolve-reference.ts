import type { DatasetStore } from './dataset-store'
import type { ExampleSelection } from './example-selection'
import type { ImportOptions, ImportWatch } from './import-options'

/** Open what a reference names: a dataset in the store, a bundled sample, or a path. */
export declare function resolveReference(
  store: DatasetStore,
  ref: string,
  options?: ImportOptions,
  watch?: ImportWatch
): Promise<ExampleSelection>
