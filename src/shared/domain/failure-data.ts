/**
 * A failure that a person can do something about: a stable code, one sentence, and a remedy.
 * Everything that reaches the command line or the window is one of these; anything else is a defect.
 */
export const FAILURE_CODES = [
  'bad-usage',
  'bad-input',
  'not-found',
  'already-exists',
  'conflict',
  'cancelled',
  'refused',
  'backend-unavailable',
  'diverged',
  'process-died',
  /** The workspace is gone, full, damaged, locked or owned by another process. */
  'workspace',
  'internal'
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export interface FailureData {
  readonly code: FailureCode
  /** One sentence that names the file and the place, or the argument. */
  readonly sentence: string
  /** What the reader can do about it. */
  readonly remedy: string
}
