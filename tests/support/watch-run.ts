import type { WorkbenchClient } from '@shared/contract'
import type { RunRecord, RunState } from '@shared/domain/run'

const ENDED: readonly RunState[] = ['done', 'failed', 'cancelled']

/**
 * Wait until a run is as wanted.
 * @throws when it has ended in another state instead
 */
export async function untilRun(
  client: WorkbenchClient,
  id: string,
  wanted: RunState | ((record: RunRecord) => boolean)
): Promise<RunRecord> {
  const isWanted = typeof wanted === 'function' ? wanted : ({ state }: RunRecord) => state === wanted
  for await (const list of await client.runs.watch()) {
    const record = list.find((one) => one.id === id)
    if (!record) throw new Error(`There is no run ${id}.`)
    if (isWanted(record)) return record
    if (ENDED.includes(record.state)) {
      throw new Error(`The run became ${record.state} (${record.failure?.sentence}) first.`)
    }
  }
  throw new Error('The list of runs ended.')
}
