import type { RunStore } from './run-store'

/** Mark runs failed whose owner died while they ran. */
export function settleAbandonedRuns(store: RunStore): void {
  for (const run of store.list()) {
    if (run.state !== 'running' && run.state !== 'pausing') continue
    const { ownerPid } = store.placesOf(run.id)
    if (ownerPid !== null && isAlive(ownerPid)) continue
    store.move(run.id, 'failed', {
      pid: null,
      endedAt: new Date().toISOString(),
      failure: {
        code: 'process-died',
        sentence: 'The workbench ended while this run was training.',
        remedy: run.resumable
          ? `Continue it from its last checkpoint: bilevel runs resume ${run.id}`
          : 'Start it again.'
      }
    })
  }
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
