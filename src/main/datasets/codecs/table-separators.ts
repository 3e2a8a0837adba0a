import { badInput } from '../../../shared/domain/failure'
import { BLANKS } from '../../file-formats/csv-reader'

/** Separators as options and the window name them, and the signs. */
const SEPARATORS: readonly (readonly [string, string])[] = [
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['bar', '|'],
  ['blank', BLANKS]
]

export function separatorName(sign: string): string {
  return SEPARATORS.find(([, known]) => known === sign)?.[0] ?? sign
}

/** @throws Failure bad-input when it is neither a name nor one sign */
export function separatorSign(asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined
  const named = SEPARATORS.find(([name]) => name === asked.toLowerCase())?.[1]
  if (named !== undefined) return named
  if (asked === '\\t') return '\t'
  if (asked.length === 1 && !/["\r\n\ufeff]/.test(asked)) return asked
  throw badInput(
    `"${asked}" is no separator.`,
    `Give --separator one of ${SEPARATORS.map(([name]) => name).join(', ')}, or one sign.`
  )
}
