import { flagOf } from '../domain/flags'
import type { TaskSpec } from '../domain/task-spec'
import { TASKS } from '.'

/** Whether a spec can be said on a command line: what a review decided only fits into a file. */
export function fitsCommand(spec: TaskSpec): boolean {
  const { pins: _pins, ...said } = spec
  return Object.values(said).every((value) => typeof value !== 'object' || Array.isArray(value))
}

/**
 * The command that does the same as a spec, quoted for a POSIX shell.
 * @param defaults fields to leave out where the spec says the same
 */
export function commandOf(
  spec: TaskSpec,
  out: string,
  defaults: Readonly<Record<string, unknown>> = {}
): string {
  const words = ['bilevel', TASKS[spec.task].command.name]
  for (const [field, value] of Object.entries(spec)) {
    // A command names data by what they are called.
    if (field === 'task' || field === 'pins' || value === undefined || value === defaults[field]) continue
    if (value === false) words.push(`--no-${flagOf(field)}`)
    // Names of columns may hold commas: an option each.
    else if (field === 'column' && Array.isArray(value))
      words.push(...value.flatMap((word) => ['--column', quoted(String(word))]))
    else if (value === true) words.push(`--${flagOf(field)}`)
    else words.push(`--${flagOf(field)}`, quoted(Array.isArray(value) ? value.join(',') : String(value)))
  }
  words.push('--out', quoted(out))
  return words.join(' ')
}

function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
