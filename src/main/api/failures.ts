import { ORPCError } from '@orpc/server'
import { FAILURE_STATUS } from '../../shared/contract'
import { failureData } from '../../shared/domain/failure'

/** What any handler throws, as the contract's one error: code, sentence and remedy. */
export function apiError(error: unknown): ORPCError<string, unknown> {
  if (error instanceof ORPCError) return error as ORPCError<string, unknown>
  const data = failureData(error)
  // A defect: the one place where its stack is still known.
  if (data.code === 'internal') console.error(error)
  return new ORPCError('FAILURE', { status: FAILURE_STATUS, message: data.sentence, data, cause: error })
}

/** A stream whose failure reaches the window like any other. */
export async function* withFailures<T>(stream: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* stream
  } catch (error) {
    throw apiError(error)
  }
}
