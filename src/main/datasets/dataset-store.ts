import type { DatasetMeta } from '@shared/domain/dataset'
import type { ImportOptions, ImportWatch } from './import-options'
import type { ExampleSelection } from './example-selection'
import { Failure } from '@shared/domain/failure'

/** The datasets of a workspace: one folder each, found by id or name. */
export class DatasetStore {
  constructor(readonly root: string) {}
  list(): DatasetMeta[] {
    return pending()
  }
  find(_idOrName: string): DatasetMeta | undefined {
    return pending()
  }
  /** @throws Failure not-found */
  get(_idOrName: string): DatasetMeta {
    return pending()
  }
  /** All examples of a dataset, to read by row; close it after use. */
  open(_idOrName: string): ExampleSelection {
    return pending()
  }
  async importFrom(
    _path: string,
    _options: ImportOptions = {},
    _watch: ImportWatch = {}
  ): Promise<DatasetMeta> {
    return pending()
  }
  rename(_id: string, _name: string): DatasetMeta {
    return pending()
  }
  remove(_id: string): void {
    return pending()
  }
  /** Folder that holds meta.json and features.npy. */
  folderOf(_id: string): string {
    return pending()
  }
}

function pending(): never {
  throw new Failure('internal', 'Datasets cannot be read yet.', 'Wait for the next commit.')
}
