import { CommanderError } from 'commander'
import { failureData } from '../../../shared/domain/failure'
import type { FailureCode } from '../../../shared/domain/failure'

export const EXIT = { done: 0, failed: 1, badInput: 2, cancelled: 130, hungUp: 129, terminated: 143 } as const

/** What an action leaves: its exit code. */
export type Finish = (code: number) => void

const BY_CODE: Partial<Record<FailureCode, number>> = {
  'bad-usage': EXIT.badInput,
  'bad-input': EXIT.badInput,
  'not-found': EXIT.badInput,
  'already-exists': EXIT.badInput,
  conflict: EXIT.badInput,
  workspace: EXIT.badInput,
  cancelled: EXIT.cancelled
}

/** Tell an error in one line on stderr and give its exit code. */
export function tellFailure(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) return tellUsage(error)
  const { code, sentence, remedy } = failureData(error)
  process.stderr.write(`bilevel: ${oneLine(sentence)} ${oneLine(remedy)}\n`)
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return BY_CODE[code] ?? EXIT.failed
}

function tellUsage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.done
  // `bilevel` or `bilevel datasets` alone: the help has been shown, and it is not an error line.
  if (error.code === 'commander.help') return EXIT.badInput
  const sentence = oneLine(error.message.replace(/^error: /, ''))
  process.stderr.write(`bilevel: ${sentence}. See "bilevel --help" for what there is.\n`)
  return EXIT.badInput
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim()
}
