import { readFile } from 'node:fs/promises'
import { eventsInLog, toldBefore } from '../../../shared/domain/run-event'
import { writeWhole } from '../../files/write-whole'

/** Take out of a run's log what will be told again by a run that goes on from a checkpoint of this age. */
export async function cutLog(file: string, seconds: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const kept = toldBefore(eventsInLog(text), seconds)
  await writeWhole(file, kept.map((event) => `${JSON.stringify(event)}\n`).join(''))
}
