import path from 'node:path'
import { Readers } from '@main/api/readers'
import { RunData } from '@main/api/run-data'
import { DatasetStore } from '@main/datasets'
import { JobStore } from '@main/jobs'
import { openWorkspace } from '@main/runs'
import { temporaryFolder } from './command'

/** A workspace of its own with all that handlers want to know of it. */
export function handledWorkspace() {
  const dir = temporaryFolder()
  const workspace = openWorkspace(path.join(dir, 'workspace'))
  const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const data = new RunData(workspace, datasets)
  const readers = new Readers()
  const context = {
    workspace,
    datasets,
    readers,
    connection: readers.connect(),
    jobs: new JobStore(workspace.jobs),
    selectionOf: data.selectionOf.bind(data),
    shell: { allow: (folder: string) => folder, offer: () => null }
  }
  const close = (): void => {
    data.close()
    workspace.close()
  }
  return { dir, context, close }
}
