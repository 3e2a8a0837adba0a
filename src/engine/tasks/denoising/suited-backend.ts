import { exampleSize } from '../../../shared/domain/dataset'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import type { ExampleSource } from '../shared/task-run'
import { judgesLabels } from './label-evidence'

/** Values of all examples up to which WebAssembly takes no longer (docs/performance.md, "Small tables"). */
const SMALL = 500_000

/**
 * The backend of a run on a small table where the spec leaves the choice: its few steps do not win back the start of
 * native TensorFlow, whose libraries take more memory than all the rest.
 */
export function suitedBackend(
  { count, shape }: Pick<ExampleSource, 'count' | 'shape'>,
  spec: DenoisingSpec
): 'wasm' | undefined {
  const isQuick = spec.model === 'logistic' && spec.epochs === undefined && spec.features === undefined
  return isQuick && judgesLabels({ shape }, spec) && count * exampleSize(shape) <= SMALL ? 'wasm' : undefined
}
