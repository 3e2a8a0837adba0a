import { availableParallelism } from 'node:os'
import { builtEntry } from '../../../bin/built-entry.mjs'
import { Failure } from '../../shared/domain/failure'
import { seeThrough, startProgram } from '../processes'
import { fromSurvey } from './protocol'
import type { ToSurvey } from './protocol'

const STDERR_KEPT = 16_000
/** How long a block may go on after it was told to stop. */
const STOP_SECONDS = 5

/** How a survey is watched: as imports are. */
export interface SurveyWatch {
  readonly onProgress?: (done: number, total: number | undefined, phase: string) => void
  readonly signal?: AbortSignal
}

/**
 * Make a survey, or lay out its map, in a process of its own.
 * @throws Failure of the process; process-died where it ended without one, cancelled
 */
export async function askSurvey(order: ToSurvey, { onProgress, signal }: SurveyWatch): Promise<void> {
  const { file, execArgv } = builtEntry('survey', import.meta.url)
  let failure: Failure | undefined
  let isDone = false
  const program = startProgram({
    file,
    execArgv,
    // Pictures are decoded by the threads of the pool.
    env: { ...process.env, UV_THREADPOOL_SIZE: String(availableParallelism() + 2) },
    stderrKept: STDERR_KEPT,
    onMessage: (raw) => {
      const message = fromSurvey.parse(raw)
      if (message.type === 'progress') onProgress?.(message.done, message.total, message.phase)
      else if (message.type === 'failed') failure = Failure.from(message.failure)
      else isDone = true
    }
  })
  const how = await seeThrough(program, order, STOP_SECONDS, signal)
  if (signal?.aborted)
    throw new Failure('cancelled', 'It was cancelled.', 'Nothing was kept; start it again.')
  if (failure) throw failure
  if (isDone) return
  throw new Failure(
    'process-died',
    `The process that surveys the examples died: ${how}.`,
    'Try again, with fewer examples where memory is short.'
  )
}
