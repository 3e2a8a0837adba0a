import { readFile } from 'node:fs/promises'
import { runEvent, toldBefore } from '../../../shared/domain/run-event'
import type { RunEvent } from '../../../shared/domain/run-event'
import { writeWhole } from './write-whole'

/** Take out of metrics.ndjson what a run will tell again that goes on from a checkpoint of this age. */
export async function cutLog(file: string, seconds: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const kept = toldBefore(text.split('\n').flatMap(eventIn), seconds)
  await writeWhole(file, kept.map((event) => `${JSON.stringify(event)}\n`).join(''))
}

/** Nothing for a line that was not finished when its process was killed. */
function eventIn(line: string): RunEvent[] {
  try {
    return [runEvent.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
