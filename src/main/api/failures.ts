import { ORPCError } from '@orpc/server'
import { FAILURE_STATUS } from '../../shared/contract'
import { failureData } from '../../shared/domain/failure'
import { tellError } from '../log'
import { withWindowWords } from './window-sentences'

/** What any handler throws, as the contract's one error: code, sentence and remedy, in the window's words. */
export function apiError(error: unknown, workspace?: string): ORPCError<string, unknown> {
  // What a stream has thrown comes by again.
  if (error instanceof ORPCError) return error as ORPCError<string, unknown>
  const data = withWindowWords(failureData(error), workspace)
  // A defect: the one place where its stack is still known.
  if (data.code === 'internal') tellError(error)
  return new ORPCError('FAILURE', { status: FAILURE_STATUS, message: data.sentence, data, cause: error })
}

/** A stream whose failure reaches the window like any other, each of its answers in the window's words. */
export async function* withFailures<T>(stream: AsyncIterable<T>, workspace?: string): AsyncGenerator<T> {
  try {
    for await (const answer of stream) yield withWindowWords(answer, workspace)
  } catch (error) {
    throw apiError(error, workspace)
  }
}
