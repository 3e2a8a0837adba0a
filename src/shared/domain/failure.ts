import type { FailureCode, FailureData } from './failure-data'
import { systemFailure } from './system-failure'

export { FAILURE_CODES } from './failure-data'
export type { FailureCode, FailureData } from './failure-data'

export class Failure extends Error {
  readonly code: FailureCode
  readonly remedy: string

  constructor(code: FailureCode, sentence: string, remedy: string, options?: { cause?: unknown }) {
    super(sentence, options)
    this.name = 'Failure'
    this.code = code
    this.remedy = remedy
  }

  toData(): FailureData {
    return { code: this.code, sentence: this.message, remedy: this.remedy }
  }

  static from(data: FailureData): Failure {
    return new Failure(data.code, data.sentence, data.remedy)
  }
}

/** Bad input found in a file or a name: exit code 2 on the command line. */
export function badInput(sentence: string, remedy: string, cause?: unknown): Failure {
  return new Failure('bad-input', sentence, remedy, { cause })
}

/** Any thrown value as failure data, so that nothing crosses a border without a sentence. */
export function failureData(error: unknown): FailureData {
  if (error instanceof Failure) return error.toData()
  const known = systemFailure(error)
  if (known) return known
  const sentence = error instanceof Error ? error.message : String(error)
  return { code: 'internal', sentence, remedy: 'This is a defect: please report it with the log of the run.' }
}
