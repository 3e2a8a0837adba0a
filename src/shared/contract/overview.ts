import type { DatasetMeta } from '../domain/dataset'
import type { RunRecord } from '../domain/run'

/** What the window shows first: the datasets and runs of the workspace, newest first. */
export interface Overview {
  readonly workspace: string
  readonly datasets: readonly DatasetMeta[]
  readonly runs: readonly RunRecord[]
}

/** Name of the one channel between window and main process. */
export const OVERVIEW_CHANNEL = 'workbench:overview'
