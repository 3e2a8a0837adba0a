import { availableParallelism } from 'node:os'
import { builtEntry } from '../../../bin/built-entry.mjs'
import { Failure } from '../../shared/domain/failure'
import { seeThrough, startProgram } from '../processes'
import { fromExtraction } from './protocol'
import type { FromExtraction, ModelFacts, ToExtraction } from './protocol'

const STDERR_KEPT = 16_000
/** How long a block may go on after it was told to stop. */
const STOP_SECONDS = 20

/** What a model gives. @throws Failure that says why it cannot be used */
export async function probeModel(
  model: Pick<Extract<ToExtraction, { type: 'probe' }>, 'extractor' | 'input'>
): Promise<ModelFacts> {
  let facts: ModelFacts | undefined
  await converse({ type: 'probe', ...model }, (message) => {
    if (message.type === 'facts') facts = message.facts
  })
  if (facts) return facts
  throw new Failure('internal', 'The process of the extractor ended without an answer.', 'Try again.')
}

/**
 * Compute blocks of features in a process of its own. What is done stays done, however it ends.
 * @returns whether all are done; not where the signal came first
 */
export async function extractBlocks(
  order: Omit<Extract<ToExtraction, { type: 'extract' }>, 'type'>,
  onProgress: (blocks: number) => void,
  signal?: AbortSignal
): Promise<boolean> {
  let isComplete = false
  await converse(
    { type: 'extract', ...order },
    (message) => {
      if (message.type === 'progress') onProgress(message.blocks)
      if (message.type === 'done') isComplete = message.isComplete
    },
    signal
  )
  return isComplete
}

/** @throws Failure of the process; process-died where it ended without one */
async function converse(
  order: ToExtraction,
  onMessage: (message: FromExtraction) => void,
  signal?: AbortSignal
): Promise<void> {
  const { file, execArgv } = builtEntry('features', import.meta.url)
  let failure: Failure | undefined
  let hasAnswered = false
  const program = startProgram({
    file,
    execArgv,
    // Decoding and models share the threads of the pool.
    env: { ...process.env, UV_THREADPOOL_SIZE: String(2 * availableParallelism() + 2) },
    stderrKept: STDERR_KEPT,
    onMessage: (raw) => {
      const message = fromExtraction.parse(raw)
      hasAnswered ||= message.type !== 'progress'
      if (message.type === 'failed') failure = Failure.from(message.failure)
      else onMessage(message)
    }
  })
  const how = await seeThrough(program, order, STOP_SECONDS, signal)
  if (failure) throw failure
  if (hasAnswered || signal?.aborted) return
  throw new Failure(
    'process-died',
    `The process that computes features died: ${how}.`,
    'What was computed is kept: try again, with a smaller extractor where memory is short.'
  )
}
