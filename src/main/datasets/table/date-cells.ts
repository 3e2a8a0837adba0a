import type { DayOrder } from '../../../shared/domain/table-columns'

const DAY_MS = 86_400_000
const TIME = String.raw`(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?`
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`, 'i')
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${TIME}$`, 'i')
const DAY_MONTH = new RegExp(String.raw`^(\d{1,2})[-. ]\s*([a-z]{3,9})\.?[-, ]\s*(\d{4})${TIME}$`, 'i')
const MONTH_DAY = new RegExp(String.raw`^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})${TIME}$`, 'i')
const DIGITS = /^(\d{4})(\d{2})(\d{2})$/
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december'
]

/** Days since 1970-01-01, with the time as a fraction; undefined where the text is no date. Without a zone it is UTC. */
export function dateOf(text: string, order: DayOrder): number | undefined {
  const trimmed = text.trim()
  let match = YEAR_FIRST.exec(trimmed)
  if (match) return daysOf(match[1]!, match[3]!, match[4]!, match.slice(5))
  match = YEAR_LAST.exec(trimmed)
  if (match) {
    const [day, month] = order === 'dmy' ? [match[1]!, match[3]!] : [match[3]!, match[1]!]
    return daysOf(match[4]!, month, day, match.slice(5))
  }
  match = DAY_MONTH.exec(trimmed)
  if (match) return daysOf(match[3]!, monthNumber(match[2]!), match[1]!, match.slice(4))
  match = MONTH_DAY.exec(trimmed)
  if (match) return daysOf(match[3]!, monthNumber(match[1]!), match[2]!, match.slice(4))
  match = DIGITS.exec(trimmed)
  return match ? daysOf(match[1]!, match[2]!, match[3]!, []) : undefined
}

function monthNumber(name: string): string {
  const lower = name.toLowerCase()
  return String(
    1 +
      MONTHS.findIndex(
        (month) => month === lower || (lower.length <= 4 && month.startsWith(lower.slice(0, 3)))
      )
  )
}

function daysOf(
  year: string,
  month: string,
  day: string,
  time: readonly (string | undefined)[]
): number | undefined {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  const days = Date.UTC(y, m - 1, d) / DAY_MS
  const read = new Date(days * DAY_MS)
  // Date moves the 31st of June to the first of July.
  if (y < 100 || m < 1 || m > 12 || read.getUTCDate() !== d || read.getUTCMonth() !== m - 1) return undefined
  if (time[0] === undefined) return days
  const seconds = secondsOf(time)
  return seconds === undefined ? undefined : days + seconds / 86_400
}

function secondsOf([hour, minute, second, fraction, half, zone]: readonly (string | undefined)[]):
  number | undefined {
  let h = Number(hour)
  if (half && (h < 1 || h > 12)) return undefined
  if (half) h = (h % 12) + (/pm/i.test(half) ? 12 : 0)
  const [min, s] = [Number(minute), Number(second ?? 0)]
  if (h > 24 || min > 59 || s > 60) return undefined
  return h * 3600 + min * 60 + s + Number(`0.${fraction ?? '0'}`) - zoneSeconds(zone)
}

function zoneSeconds(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '')
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60)
}
