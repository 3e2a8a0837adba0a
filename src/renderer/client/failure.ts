import { ORPCError } from '@orpc/client'
import { failureData } from '@shared/domain/failure'
import type { FailureData } from '@shared/domain/failure'

/** Any error of the API as a sentence with a remedy. */
export function failureOf(error: unknown): FailureData {
  if (error instanceof ORPCError && isFailureData(error.data)) return error.data
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { code: 'cancelled', sentence: 'Cancelled.', remedy: '' }
  }
  if (error instanceof Error && /websocket|closed|aborted/i.test(error.message)) {
    return {
      code: 'refused',
      sentence: 'The workbench does not answer.',
      remedy: 'See whether it is still running; the window connects again by itself.'
    }
  }
  return failureData(error)
}

/** Whether the workbench has answered, and with a failure; else it could not be asked. */
export function isAnswer(error: unknown): boolean {
  return error instanceof ORPCError && isFailureData(error.data)
}

function isFailureData(data: unknown): data is FailureData {
  return typeof data === 'object' && data !== null && 'sentence' in data && 'remedy' in data
}
