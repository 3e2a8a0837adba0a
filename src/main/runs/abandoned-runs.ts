import { existsSync } from 'node:fs'
import path from 'node:path'
import type { RunRecord } from '../../shared/domain/run'
import { readReport } from './estimate-run'
import { CHECKPOINT_FILE, checkpointFolders } from './protocol'
import type { RunStore } from './run-store'

/**
 * Settle the runs whose owner died while they trained. Their training process outlives it for a moment, to
 * write a checkpoint or, near the end, the whole result: until it has ended they are left as they are, so that
 * none is resumed while it still writes.
 * @param isPatient whether to wait for it still
 * @returns whether there was one to settle
 */
export function settleAbandonedRuns(
  store: RunStore,
  isPatient: (id: string) => boolean = () => true
): boolean {
  let found = false
  for (const run of store.training()) {
    const { ownerPid, checkpointDir } = store.placesOf(run.id)
    if (ownerPid !== null && ownsStill(ownerPid, run)) continue
    const trains = run.pid !== null && run.pid !== process.pid && isAlive(run.pid)
    if (trains && isPatient(run.id)) continue
    settle(store, run, checkpointDir)
    found = true
  }
  return found
}

function settle(store: RunStore, { id, outputDir, endedAt }: RunRecord, checkpointDir: string): void {
  const report = readReport(outputDir)
  const end = { pid: null, endedAt: endedAt ?? new Date().toISOString() }
  if (report) {
    // It was near its end, and finished what the owner did not live to see.
    store.move(id, report.stopped === 'cancelled' ? 'cancelled' : 'done', { ...end, resumable: false })
    return
  }
  const resumable = checkpointFolders(checkpointDir).some((dir) =>
    existsSync(path.join(dir, CHECKPOINT_FILE))
  )
  store.move(id, 'failed', {
    ...end,
    resumable,
    failure: {
      code: 'process-died',
      sentence: 'The workbench ended while this run was training.',
      remedy: resumable
        ? `Continue it from its last checkpoint with "bilevel runs resume ${id}".`
        : 'Start it again.'
    }
  })
}

/** A number is given again: in a container often to the very same program, started anew. */
function ownsStill(pid: number, { startedAt }: RunRecord): boolean {
  if (pid !== process.pid) return isAlive(pid)
  return startedAt === null || Date.parse(startedAt) >= Math.floor(performance.timeOrigin)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is alive and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
