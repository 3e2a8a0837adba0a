import { decimal } from '../../file-formats/decimal'

/** How programs write that a value is missing. */
const MISSING = new Set([
  '',
  '?',
  '-',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nan',
  '-nan',
  'null',
  'none',
  'nil',
  '.'
])

export function isMissing(text: string): boolean {
  return MISSING.has(text.trim().toLowerCase())
}

/** As isMissing, but signs alone may well be classes. */
export function isMissingLabel(text: string): boolean {
  return isMissing(text) && !/^[-.]$/.test(text.trim())
}

export function isNumber(text: string): boolean {
  return text.trim() === '' || Number.isFinite(Number(text)) || /^[+-]?(nan|inf(inity)?)$/i.test(text.trim())
}

export function isInteger(text: string): boolean {
  return /^[+-]?\d+(\.0*)?$/.test(text.trim())
}

const DECIMAL_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i
/** Three digits after a comma: thousands as well as thousandths. */
const THOUSANDS = /^[+-]?\d{1,3},\d{3}$/

/**
 * Whether numbers are written with a decimal comma: cells that are numbers only so, none that has a point, and not
 * all of them such that the comma could part thousands.
 */
export function hasDecimalCommas(rows: readonly (readonly string[])[]): boolean {
  let sure = false
  for (const row of rows) {
    for (const field of row) {
      const text = field.trim()
      if (DECIMAL_COMMA.test(text)) sure ||= !THOUSANDS.test(text)
      else if (/^[+-]?\d*\.\d+(e[+-]?\d+)?$/i.test(text)) return false
    }
  }
  return sure
}

/** Commas that can only part thousands, or points where the comma is decimal. */
const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/
const GROUPED_BY_POINTS = /^[+-]?\d{1,3}(\.\d{3})+,\d+$/

/** A cell as a number; NaN where it is none. */
export function cellNumber(text: string, decimalComma: boolean): number {
  const value = decimal(decimalComma ? withPoint(text) : text)
  if (value === value || text.length < 5) return value
  const trimmed = text.trim()
  if (decimalComma)
    return GROUPED_BY_POINTS.test(trimmed) ? Number(trimmed.replaceAll('.', '').replace(',', '.')) : NaN
  return GROUPED.test(trimmed) ? Number(trimmed.replaceAll(',', '')) : NaN
}

/** Whether the comma of a number may as well be a decimal one: 1,234. */
export function isUnclearNumber(text: string): boolean {
  return THOUSANDS.test(text.trim())
}

export function isTruthValue(text: string): boolean {
  return /^(true|false)$/i.test(text)
}

/** A number with a decimal comma as one with a point; other texts as they are. */
export function withPoint(text: string): string {
  return DECIMAL_COMMA.test(text.trim()) ? text.replace(',', '.') : text
}
