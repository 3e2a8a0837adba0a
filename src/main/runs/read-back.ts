import { readFileSync } from 'node:fs'
import path from 'node:path'
import { eventsInLog } from '../../shared/domain/run-event'
import { LOG_FILE } from './protocol'
import type { RunStore } from './run-store'

/**
 * Take over from a run's log what its owner missed: because it died, because the training outlived it, or because
 * the workspace could not be written for a while. The training process writes the log itself, so it has everything.
 */
export function readBack(store: RunStore, id: string, outputDir: string): void {
  let text: string
  try {
    text = readFileSync(path.join(outputDir, LOG_FILE), 'utf8')
  } catch {
    // It ended before it told anything, or its folder has been moved away.
    return
  }
  // Reading each line takes far longer than counting them.
  if (countLines(text) > store.events.countEvents(id)) store.events.complete(id, eventsInLog(text))
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
