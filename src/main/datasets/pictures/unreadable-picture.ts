import { Failure } from '../../../shared/domain/failure'

/** A picture that cannot be read whatever is asked for: it can be left out and told, or end an import. */
export class UnreadablePicture extends Failure {
  constructor(
    sentence: string,
    remedy: string,
    /** Why, as a clause without the file's name: "it is empty". */
    readonly reason: string,
    cause?: unknown
  ) {
    super('bad-input', sentence, remedy, { cause })
  }
}

/** The same of any failure to read a file; undefined for one that is no fault of the file. */
export function unreadable(error: unknown, name: string): UnreadablePicture | undefined {
  if (error instanceof UnreadablePicture) return error
  if (!(error instanceof Failure) || error.code !== 'bad-input') return undefined
  const reason = error.message.replace(name, 'it').replace(/\.$/, '')
  return new UnreadablePicture(error.message, error.remedy, reason, error)
}
