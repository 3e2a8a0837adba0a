import { existsSync } from 'node:fs'
import path from 'node:path'
import { DatasetStore, recordFoldersIn, removeLeftovers } from '../datasets'
import { JobStore } from '../jobs'
import { RunFeed, Scheduler } from '../runs'
import type { Workspace } from '../runs'
import type { ApiContext, ApiShell } from './context'
import { renewDownloads } from './import-jobs'
import { Readers } from './readers'
import { RunData } from './run-data'

export interface Api {
  readonly context: ApiContext
  /** Pause what trains, stop what is imported or exported, close what is open; the workspace itself belongs to the caller. */
  close(): Promise<void>
}

/** Everything behind the API on one workspace, with its scheduler at work. */
export function openApi(workspace: Workspace, shell: ApiShell): Api {
  recordFoldersIn(workspace.dir)
  // Within the workspace everything is the workbench's own; elsewhere a person is asked first.
  removeLeftovers(workspace.dir, (folder) => folder.startsWith(workspace.dir + path.sep))
  const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const scheduler = new Scheduler(workspace)
  const runData = new RunData(workspace, datasets)
  const jobs = new JobStore(workspace.jobs)
  renewDownloads({ jobs, shell }, existsSync)
  scheduler.start()
  const closing = new AbortController()
  void datasets.verifyInBackground(closing.signal)
  return {
    context: {
      workspace,
      datasets,
      scheduler,
      runFeed: new RunFeed(workspace.store, scheduler),
      jobs,
      shell,
      readers: new Readers(),
      selectionOf: (run, role) => runData.selectionOf(run, role)
    },
    close: async () => {
      closing.abort()
      await Promise.all([scheduler.close(), jobs.close()])
      runData.close()
    }
  }
}
