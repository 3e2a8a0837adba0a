import { readFile } from 'node:fs/promises'
import { eventsInLog, eventsBefore } from '../../../shared/domain/run-event'
import { writeAtomically } from '../../files/write-atomically'

/** Take out of a run's log what will be told again by a run that goes on from a checkpoint of this age. */
export async function cutLog(file: string, seconds: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const kept = eventsBefore(eventsInLog(text), seconds)
  await writeAtomically(file, kept.map((event) => `${JSON.stringify(event)}\n`).join(''))
}
