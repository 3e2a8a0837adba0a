import path from 'node:path'
import { openWorkspace } from '@main/runs'
import type { RunRecord } from '@shared/domain/run'

/** The runs of a workspace, newest first, as whoever opens it now reads them: at once, while others work in it. */
export function recordedRuns(workspace: string): RunRecord[] {
  const opened = openWorkspace(path.resolve(workspace))
  try {
    return opened.store.list()
  } finally {
    opened.close()
  }
}

/** @throws when there is none, or its process has not said who it is */
export function runningProcess(workspace: string): number {
  const pid = recordedRuns(workspace).find(({ state }) => state === 'running')?.pid
  if (!pid) throw new Error('No run is training.')
  return pid
}
