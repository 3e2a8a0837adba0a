import type { ColumnRole, DayOrder } from '../../../shared/domain/table-columns'
import type { ColumnProfile } from './column-profile'
import { dateOf } from './date-cells'

/** Columns without a name, as programs write row numbers: R and pandas leave it out, pandas names it when it reads. */
const UNNAMED = /^(|Unnamed: \d+(\.\d+)*|rownames|\.\.\.1|_c0|__index_level_\d+__)$/
/** Names of columns that often tell rows apart and nothing else. */
const IDENTIFIER =
  /^(#|x(\.\d+)?|no\.?|nr\.?|idx|index|id|ids|key|uuid|guid|row(names?|s|_?(id|nr|no|num|number|index))?|(.*[\s_.-])(id|idx|index|uuid|guid)|\w*[a-z]I[dD]|(sample|example|record|obs(ervation)?|instance)([\s_.-]?(id|nr|no|num|number))?)$/i
/** Names of whole numbers that are no quantities. */
const CODE = /(^|[^a-z])(zip|postal|post_?code|zip_?code|code|fips|naics|sic|icd|phone|isbn)([^a-z]|$)/i
const TIME = /(^|[^a-z])(year|date|day|time|month)|([a-z](Year|Date|Day|Time))/i
const FILE_NAME =
  /(\.(png|jpe?g|gif|bmp|tiff?|webp|wav|mp3|flac|mp4|avi|csv|txt|json|xml|pdf|dcm|npy)|[/\\][^/\\]+)$/i
/** In fewer rows a value that does not change says little. */
const FEWEST_FOR_CONSTANT = 10
const FEWEST_FOR_UNIQUE = 10
/** Whole numbers that follow each other, or are all of 1 to n in any order, number the rows where there are so many. */
const FEWEST_COUNTED = 20
const FEWEST_SHUFFLED = 100
/** Share of cells that may be something else than the column is. */
const ODD_SHARE = 0.02
/** A text of more words, on average, is written freely. */
const WORDS_OF_TEXT = 4
const CHARACTERS_OF_TEXT = 60
/** Features that the levels of one column may become, and all columns together. */
export const MOST_LEVELS = 64
export const MOST_LEVEL_FEATURES = 4096
/** Share of the filled cells that the levels kept must cover. */
const LEAST_COVERED = 0.5

/** What the file itself says of a column. */
export interface ColumnHints {
  /** It numbers the rows. */
  readonly isIndex?: boolean
  /** Why it cannot be read as cells: it is nested, or holds bytes. */
  readonly unreadable?: string
  /** Its cells are lists of so many numbers. */
  readonly listed?: number
}

/** What a column is for, and why. */
export interface InferredRole {
  readonly role: ColumnRole
  /** A clause. */
  readonly reason: string
  /** Of dates. */
  readonly order?: DayOrder
}

/** Whether a column of this name may be taken for row numbers. */
export function mayNumberRows(name: string): boolean {
  return UNNAMED.test(name) || IDENTIFIER.test(name.trim())
}

/**
 * The role that a column's cells and its name speak for.
 * @param keep what tells rows apart or never changes is a feature all the same
 */
export function inferRole(profile: ColumnProfile, hints: ColumnHints = {}, keep = false): InferredRole {
  const { name, filled } = profile
  if (hints.unreadable) return { role: 'ignore', reason: hints.unreadable }
  if (hints.listed !== undefined) return { role: 'number', reason: `lists of ${hints.listed} numbers` }
  if (hints.isIndex && !keep) return { role: 'identifier', reason: 'the file numbers its rows by it' }
  if (filled === 0) return { role: 'constant', reason: 'no cell is filled' }
  const [value = ''] = profile.levels.keys()
  const isConstant = profile.levels.size === 1 && !profile.isMore && profile.empty === 0
  if (isConstant && !keep && profile.rows >= FEWEST_FOR_CONSTANT)
    return { role: 'constant', reason: `every cell is ${shown(value)}` }
  const unnamed = !keep && UNNAMED.test(name) && profile.isUnique && profile.wholes + profile.texts === filled
  if (unnamed) return { role: 'identifier', reason: 'it has no name, and another value in each row' }
  const others = filled - profile.numbers - profile.truthValues
  if (others <= ODD_SHARE * filled) return ofNumbers(profile, keep)
  return ofDates(profile) ?? ofTexts(profile, keep)
}

function ofNumbers(profile: ColumnProfile, keep: boolean): InferredRole {
  const { name, filled, numbers, wholes, min, max } = profile
  if (profile.truthValues > 0 && numbers === 0) return { role: 'number', reason: 'true is 1, false is 0' }
  const areIntegers = wholes === numbers && numbers === filled
  const day = areIntegers ? ofDigits(profile) : undefined
  if (day) return day
  if (areIntegers && profile.isUnique && !keep && filled >= 2) {
    if (IDENTIFIER.test(name.trim()))
      return { role: 'identifier', reason: 'it is called so, and has another number in each row' }
    const isNumbering =
      (profile.counts && filled >= FEWEST_COUNTED) || (max - min === filled - 1 && filled >= FEWEST_SHUFFLED)
    if (isNumbering && !TIME.test(name)) return { role: 'identifier', reason: 'it numbers the rows' }
  }
  if (areIntegers && !profile.isUnique && isCode(profile)) return ofCodes(profile)
  if (numbers < filled) return { role: 'number', reason: 'nearly all cells are numbers' }
  return { role: 'number', reason: areIntegers ? 'whole numbers' : 'numbers' }
}

/** Whole numbers that name something: 007, a postal code, an id that several rows share. */
function isCode(profile: ColumnProfile): boolean {
  // A feature of an encoded table, such as "zip = 007".
  if (profile.name.includes(' = ')) return false
  return profile.leadingZeros > 0 || CODE.test(profile.name) || IDENTIFIER.test(profile.name.trim())
}

function ofCodes(profile: ColumnProfile): InferredRole {
  const why =
    profile.leadingZeros > 0 ? 'numbers that begin with 0' : 'whole numbers that are codes by its name'
  if (coverage(profile) >= LEAST_COVERED) return { role: 'category', reason: why }
  return { role: 'identifier', reason: `${why}, ${differently(profile)}` }
}

/** 20240131, where all are days. */
function ofDigits(profile: ColumnProfile): InferredRole | undefined {
  const { min, max, levels, name } = profile
  if (min < 19000101 || max > 21001231 || !TIME.test(name)) return undefined
  for (const text of levels.keys()) if (dateOf(text, 'dmy') === undefined) return undefined
  return { role: 'date', reason: 'days written as eight digits', order: 'dmy' }
}

function ofDates({ filled, dates, hasUnclearDates }: ColumnProfile): InferredRole | undefined {
  const order = dates.mdy > dates.dmy ? 'mdy' : 'dmy'
  if (dates[order] < (1 - ODD_SHARE) * filled) return undefined
  const isUnclear = hasUnclearDates && dates.dmy === dates.mdy
  const how = !hasUnclearDates ? '' : order === 'dmy' ? ', the day first' : ', the month first'
  return {
    role: 'date',
    order,
    reason: `dates${isUnclear ? `${how} (which of the two cannot be told)` : how}`
  }
}

function ofTexts(profile: ColumnProfile, keep: boolean): InferredRole {
  const { name, filled, texts, levels, isMore } = profile
  const repeats = isMore ? 0 : 1 - levels.size / filled
  const words = profile.words / Math.max(1, texts)
  const isUnique = profile.isUnique && filled >= 2
  const isLong = words >= WORDS_OF_TEXT || profile.characters / Math.max(1, texts) >= CHARACTERS_OF_TEXT
  if (!keep && isUnique && texts === filled && IDENTIFIER.test(name.trim()) && words < WORDS_OF_TEXT)
    return { role: 'identifier', reason: 'it is called so, and has another text in each row' }
  if (isLong && repeats < 0.5) return { role: 'text', reason: 'sentences' }
  if (filled < FEWEST_FOR_UNIQUE || repeats >= 0.5) {
    if (coverage(profile) >= LEAST_COVERED) return ofLevels(profile)
    return { role: 'text', reason: differently(profile) }
  }
  const [example = ''] = levels.keys()
  if (!keep && FILE_NAME.test(example) && words < 2) return { role: 'identifier', reason: 'names of files' }
  if (!keep && isUnique && words < 1.5) return { role: 'identifier', reason: 'another text in each row' }
  if (coverage(profile) >= LEAST_COVERED && repeats >= 0.1) return ofLevels(profile)
  if (profile.numbers >= filled / 2) return { role: 'number', reason: 'most cells are numbers' }
  return { role: 'text', reason: differently(profile) }
}

function ofLevels({ levels, numbers, filled }: ColumnProfile): InferredRole {
  const mixed = numbers > 0 && numbers < filled ? ', numbers among them' : ''
  return {
    role: 'category',
    reason: `${levels.size} different ${levels.size === 1 ? 'text' : 'texts'}${mixed}`
  }
}

function differently({ levels, isMore, filled }: ColumnProfile): string {
  return `${isMore ? 'more than ' : ''}${levels.size} different values in ${filled} cells`
}

/** Share of the filled cells that the most frequent levels hold. */
function coverage({ levels, filled }: ColumnProfile): number {
  const most = [...levels.values()].sort((a, b) => b - a).slice(0, MOST_LEVELS)
  return most.reduce((sum, count) => sum + count, 0) / Math.max(1, filled)
}

function shown(text: string): string {
  return `"${text.length > 30 ? `${text.slice(0, 30)}...` : text}"`
}
