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
  const { filled } = profile
  if (hints.unreadable) return { role: 'ignore', reason: hints.unreadable }
  if (hints.listed !== undefined) return { role: 'number', reason: `lists of ${hints.listed} numbers` }
  if (hints.isIndex && !keep) return { role: 'identifier', reason: 'the file numbers its rows by it' }
  if (filled === 0) return { role: 'constant', reason: 'no cell is filled' }
  const useless = keep ? undefined : ofSameOrUnnamed(profile)
  if (useless) return useless
  const others = filled - profile.numbers - profile.truthValues
  if (others <= ODD_SHARE * filled) return ofNumbers(profile, keep)
  return ofDates(profile) ?? ofTexts(profile, keep)
}

/** What never changes, and what has no name and another value in each row. */
function ofSameOrUnnamed(profile: ColumnProfile): InferredRole | undefined {
  const { name, filled, levels } = profile
  const [value = ''] = levels.keys()
  const isConstant = levels.size === 1 && !profile.isMore && profile.empty === 0
  if (isConstant && profile.rows >= FEWEST_FOR_CONSTANT)
    return { role: 'constant', reason: `every cell is ${shown(value)}` }
  if (UNNAMED.test(name) && profile.isUnique && profile.wholes + profile.texts === filled)
    return { role: 'identifier', reason: 'it has no name, and another value in each row' }
  return undefined
}

function ofNumbers(profile: ColumnProfile, keep: boolean): InferredRole {
  const { filled, numbers, wholes } = profile
  if (profile.truthValues > 0 && numbers === 0) return { role: 'number', reason: 'true is 1, false is 0' }
  if (numbers < filled) return { role: 'number', reason: 'nearly all cells are numbers' }
  return wholes === numbers ? ofIntegers(profile, keep) : { role: 'number', reason: 'numbers' }
}

function ofIntegers(profile: ColumnProfile, keep: boolean): InferredRole {
  const day = ofDigits(profile)
  if (day) return day
  if (!profile.isUnique && isCode(profile)) return ofCodes(profile)
  const reason = keep ? undefined : whyRowNumbers(profile)
  return reason === undefined ? { role: 'number', reason: 'whole numbers' } : { role: 'identifier', reason }
}

/** Why whole numbers tell rows apart and say nothing else; undefined where they may say something. */
function whyRowNumbers({ name, filled, isUnique, counts, min, max }: ColumnProfile): string | undefined {
  if (!isUnique || filled < 2) return undefined
  if (IDENTIFIER.test(name.trim())) return 'it is called so, and has another number in each row'
  const isNumbering =
    (counts && filled >= FEWEST_COUNTED) || (max - min === filled - 1 && filled >= FEWEST_SHUFFLED)
  return isNumbering && !TIME.test(name) ? 'it numbers the rows' : undefined
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
  const { filled, levels, isMore } = profile
  const repeats = isMore ? 0 : 1 - levels.size / filled
  if (!keep && isCalledIdentifier(profile))
    return { role: 'identifier', reason: 'it is called so, and has another text in each row' }
  if (isLong(profile) && repeats < 0.5) return { role: 'text', reason: 'sentences' }
  const isCovered = coverage(profile) >= LEAST_COVERED
  if (filled < FEWEST_FOR_UNIQUE || repeats >= 0.5)
    return isCovered ? ofLevels(profile) : { role: 'text', reason: differently(profile) }
  const reason = keep ? undefined : whyNamesOfRows(profile)
  if (reason !== undefined) return { role: 'identifier', reason }
  if (isCovered && repeats >= 0.1) return ofLevels(profile)
  if (profile.numbers >= filled / 2) return { role: 'number', reason: 'most cells are numbers' }
  return { role: 'text', reason: differently(profile) }
}

/** Words of a text, on average. */
function meanWords({ words, texts }: ColumnProfile): number {
  return words / Math.max(1, texts)
}

function isLong(profile: ColumnProfile): boolean {
  const { characters, texts } = profile
  return meanWords(profile) >= WORDS_OF_TEXT || characters / Math.max(1, texts) >= CHARACTERS_OF_TEXT
}

function isCalledIdentifier(profile: ColumnProfile): boolean {
  const { name, filled, texts, isUnique } = profile
  const areDifferent = isUnique && filled >= 2 && texts === filled
  return areDifferent && IDENTIFIER.test(name.trim()) && meanWords(profile) < WORDS_OF_TEXT
}

/** Why texts name their rows; undefined where they may say something of them. */
function whyNamesOfRows(profile: ColumnProfile): string | undefined {
  const words = meanWords(profile)
  const [example = ''] = profile.levels.keys()
  if (FILE_NAME.test(example) && words < 2) return 'names of files'
  return profile.isUnique && profile.filled >= 2 && words < 1.5 ? 'another text in each row' : undefined
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
