import type {
  ColumnRole,
  GivenRole,
  InspectedColumn,
  RepresentedColumn,
  TableRepresentation
} from '../../../shared/domain/table-columns'
import { featureCountOf } from '../../../shared/domain/table-columns'
import { badInput } from '../../../shared/domain/failure'
import { compareCodePoints, sortedClassNames } from '../class-names'
import {
  inferRole,
  MOST_LEVEL_FEATURES,
  MOST_LEVELS,
  type ColumnHints,
  type InferredRole
} from './column-inference'
import type { CellPlace, ColumnProfile } from './column-profile'
import { dateOf } from './date-cells'
import { withWords } from './fit-words'

/** Below so many rows each level is kept; above, one in a thousand rows is the least that a level has. */
const FEW_ROWS = 100

/** What was asked for of a table's columns. */
export interface AskedRoles {
  /** By column. */
  readonly given: ReadonlyMap<number, GivenRole>
  /** What tells rows apart or never changes is a feature all the same. */
  readonly keep: boolean
}

/** A column whose role is found, with what it was found from. */
export interface FoundColumn {
  readonly profile: ColumnProfile
  readonly hints: ColumnHints
  readonly found: InferredRole
}

/** The role of each column: the one asked for, else the one it speaks for itself. */
export function findRoles(
  profiles: readonly ColumnProfile[],
  hints: readonly ColumnHints[],
  { given, keep }: AskedRoles
): FoundColumn[] {
  return profiles.map((profile, i) => {
    const hint = hints[i] ?? {}
    const asked = given.get(i)
    const found = inferRole(profile, hint, keep || asked !== undefined)
    if (asked === undefined) return { profile, hints: hint, found }
    return { profile, hints: hint, found: askedRole(asked, profile, hint, found) }
  })
}

function askedRole(
  asked: GivenRole,
  profile: ColumnProfile,
  hints: ColumnHints,
  found: InferredRole
): InferredRole {
  const reason = 'asked for'
  if (hints.unreadable && asked !== 'ignore')
    throw badInput(
      `Column "${profile.name}" cannot be used as ${asked}: ${hints.unreadable}.`,
      `Leave it out: --column "${profile.name}=ignore".`
    )
  const isRead =
    hints.listed !== undefined || profile.filled > unusable(profile, asked) || profile.filled === 0
  if (!isRead) {
    throw badInput(
      `Column "${profile.name}" holds no ${asked}, but such as "${profile.odd?.text.slice(0, 40) ?? ''}".`,
      'Give it another role with --column, such as category.'
    )
  }
  if (asked !== 'date') return { role: asked, reason }
  const order = found.order ?? (profile.dates.mdy > profile.dates.dmy ? 'mdy' : 'dmy')
  return { role: 'date', reason, order }
}

/**
 * Fit what turns cells into features, on every cell that the profiles were gathered from.
 * @param classes how many different labels there are
 */
export function fitColumns(
  found: readonly FoundColumn[],
  { decimalComma, classes }: { readonly decimalComma: boolean; readonly classes: number }
): TableRepresentation {
  const categories = found.filter(({ found: { role } }) => role === 'category').length
  const most = Math.max(2, Math.min(MOST_LEVELS, Math.floor(MOST_LEVEL_FEATURES / Math.max(1, categories))))
  const fitted = found.map((column) => fitColumn(column, most))
  const columns = withWords(
    fitted,
    found.map(({ profile }) => profile),
    classes
  )
  return {
    version: 1,
    columns: columns.some((column) => featureCountOf(column) > 0) ? columns : columns.map(withLength),
    ...(decimalComma ? { decimalComma } : {})
  }
}

/** A table of texts alone in which no word occurs twice: their lengths are what there is. */
function withLength(column: RepresentedColumn): RepresentedColumn {
  return column.role === 'text' && !column.unread ? { ...column, length: true } : column
}

function fitColumn({ profile, hints, found }: FoundColumn, mostLevels: number): RepresentedColumn {
  const { name } = profile
  const { role, reason } = found
  const [value] = profile.levels.keys()
  switch (role) {
    case 'number': {
      if (hints.listed !== undefined) return { name, reason, role, width: hints.listed }
      return { name, reason, role, median: profile.median ?? 0, ...emptiness(profile, role) }
    }
    case 'date': {
      const order = found.order ?? 'dmy'
      const median = profile.medianDay(order) ?? medianOfDigits(profile) ?? 0
      return { name, reason, role, order, median, ...emptiness(profile, role) }
    }
    case 'category':
      return { name, reason, role, ...levelsOf(profile, mostLevels), ...emptiness(profile, role) }
    case 'constant':
      return { name, reason, role, ...(value === undefined ? {} : { value }) }
    case 'label':
      return { name, reason, role: 'ignore' }
    default:
      return { name, reason, role, ...(hints.unreadable ? { unread: true } : {}) }
  }
}

/** Dates written as eight digits: the median of the number, or the day before it that there is. */
function medianOfDigits({ median, levels }: ColumnProfile): number | undefined {
  if (median === undefined) return undefined
  const below = [...levels.keys()].filter((text) => Number(text) <= median).sort(compareCodePoints)
  const last = below.at(-1)
  return last === undefined ? undefined : dateOf(last, 'dmy')
}

function emptiness(profile: ColumnProfile, role: ColumnRole): { empty?: true } {
  return profile.rows > profile.filled || unusable(profile, role) > 0 ? { empty: true } : {}
}

/** Filled cells that a column of this role cannot use: they count as empty. */
export function unusable(profile: ColumnProfile, role: ColumnRole, order?: 'dmy' | 'mdy'): number {
  if (role === 'number') return profile.texts
  if (role !== 'date') return 0
  const days = Math.max(profile.dates.dmy, profile.dates.mdy)
  const found = order ? profile.dates[order] : days
  return profile.texts === 0 ? 0 : profile.filled - found
}

/** The levels that become features: the most frequent ones, but none that is rare where there are many rows. */
function levelsOf(
  { levels, isMore, rows }: ColumnProfile,
  most: number
): { levels: string[]; other: boolean } {
  const least = rows < FEW_ROWS ? 1 : Math.max(2, Math.floor(rows / 1000))
  const ordered = [...levels].sort(([a, n], [b, m]) => m - n || compareCodePoints(a, b))
  const kept = ordered.slice(0, most).filter(([, count]) => count >= least)
  const left = levels.size - kept.length
  // One rare level by itself is itself.
  if (left === 1 && !isMore && kept.length < most) kept.push(ordered[kept.length]!)
  return {
    levels: sortedClassNames(kept.map(([text]) => text)),
    other: isMore || kept.length < levels.size
  }
}

/** A number of the table that no feature can hold. */
export function tooLarge(found: readonly FoundColumn[]): { column: string; place: CellPlace } | undefined {
  for (const { profile, found: role } of found) {
    if (role.role === 'number' && profile.tooLarge) return { column: profile.name, place: profile.tooLarge }
  }
  return undefined
}

const MOST_EXAMPLES = 3

/** A column as a person is shown it. */
export function inspected(
  { profile, found, hints }: FoundColumn,
  column?: RepresentedColumn
): InspectedColumn {
  return {
    name: profile.name,
    role: found.role,
    reason: found.reason,
    rows: profile.rows,
    empty: hints.unreadable ? 0 : profile.empty,
    distinct: hints.listed === undefined ? profile.levels.size : 0,
    isMore: profile.isMore,
    examples: [...profile.levels.keys()]
      .slice(0, MOST_EXAMPLES)
      .map((text) => (text.length > 40 ? `${text.slice(0, 40)}...` : text)),
    features: column ? featureCountOf(column) : 0
  }
}
