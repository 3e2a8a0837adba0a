import { existsSync } from 'node:fs'
import path from 'node:path'
import { endHolder, ProcessLock } from '../locks'
import type { RunRecord } from '../../shared/domain/run'
import { readReport } from './estimate-run'
import { CHECKPOINT_FILE, checkpointFolders, ownerLockOf, workerLockOf } from './protocol'
import { readBack } from './read-back'
import type { RunStore } from './run-store'

/**
 * Settle the runs whose owner died while they trained, and read back what they told meanwhile. Their training process
 * outlives it for a moment, to write a checkpoint or, near the end, the whole result: until it has ended they are
 * left as they are, so that none is resumed while it still writes.
 * @param isPatient whether to wait for it still; after that it is ended
 * @returns whether there was one to settle
 */
export function settleAbandonedRuns(
  store: RunStore,
  isPatient: (id: string) => boolean = () => true
): boolean {
  let found = false
  for (const { id, place } of store.training()) {
    // It goes on at its place without us: a scheduler follows it again.
    if (place !== undefined) continue
    const { checkpointDir } = store.placesOf(id)
    // While this is held nobody else settles or trains it.
    const lock = ProcessLock.take(ownerLockOf(checkpointDir), 0)
    if (!lock) continue
    try {
      if (ProcessLock.isHeld(workerLockOf(checkpointDir))) {
        if (!isPatient(id)) endOrphan(checkpointDir)
        continue
      }
      const run = store.get(id)
      // Its owner may have recorded its end just before it let go.
      if (run.state !== 'running' && run.state !== 'pausing') continue
      readBack(store, id, run.outputDir)
      settle(store, run, checkpointDir)
      found = true
    } finally {
      lock.release()
    }
  }
  return found
}

function endOrphan(checkpointDir: string): void {
  const holder = ProcessLock.holderOf(workerLockOf(checkpointDir))
  if (holder) endHolder(holder)
}

function settle(store: RunStore, { id, state, outputDir, endedAt }: RunRecord, checkpointDir: string): void {
  const report = readReport(outputDir)
  const end = { pid: null, endedAt: endedAt ?? new Date().toISOString() }
  if (report) {
    // It was near its end, and finished what the owner did not live to see.
    store.move(id, report.stopped === 'cancelled' ? 'cancelled' : 'done', { ...end, resumable: false })
    return
  }
  if (state === 'pausing') {
    // As it was asked to; without a checkpoint it begins anew.
    store.move(id, 'paused', { pid: null, resumable: true })
    return
  }
  const kept = hasCheckpoint(checkpointDir)
  store.move(id, 'failed', {
    ...end,
    resumable: true,
    failure: {
      code: 'process-died',
      sentence: 'The workbench ended while this run was training.',
      remedy: `Continue it from ${kept ? 'its last checkpoint' : 'the beginning (it had no checkpoint yet)'} with "bilevel runs resume ${id}".`
    }
  })
}

function hasCheckpoint(checkpointDir: string): boolean {
  return checkpointFolders(checkpointDir).some((dir) => existsSync(path.join(dir, CHECKPOINT_FILE)))
}
