import {
  featureCountOf,
  ROLE_WORDS,
  type ColumnRole,
  type RepresentedColumn,
  type TableRepresentation
} from '../../../shared/domain/table-columns'
import { counted, named } from '../codecs/import-notes'
import { unusable, type FoundColumn } from './fit-columns'

const MOST_NAMED = 8

/** What an import tells of the columns: what is left out and why, what was assumed, what became of cells. */
export function columnNotes(found: readonly FoundColumn[], { columns }: TableRepresentation): string[] {
  return [
    ...leftOut(found, columns),
    ...textNotes(columns),
    ...emptyCells(found, columns),
    ...oddCells(found),
    ...levelNotes(found, columns),
    ...dateNotes(found)
  ]
}

function leftOut(found: readonly FoundColumn[], columns: readonly RepresentedColumn[]): string[] {
  const roles: ColumnRole[] = ['identifier', 'constant', 'text', 'ignore']
  const groups = roles.flatMap((role) => {
    const members = found.filter(
      (column, i) =>
        column.found.role === role && column.found.reason !== 'asked for' && !isFeature(columns[i])
    )
    if (members.length === 0) return []
    const names = members.map(({ profile, found: { reason } }) => {
      const name = profile.name === '' ? '(unnamed)' : profile.name
      return members.length <= MOST_NAMED ? `${name} (${ROLE_WORDS[role]}: ${reason})` : name
    })
    const kind = members.length <= MOST_NAMED ? '' : `${members.length} of role "${ROLE_WORDS[role]}": `
    return [`${kind}${named(names)}`]
  })
  if (groups.length === 0) return []
  return [`These columns are no features: ${groups.join('; ')}. Say otherwise with --column name=role.`]
}

function isFeature(column: RepresentedColumn | undefined): boolean {
  return column?.role === 'text' && featureCountOf(column) > 0
}

function textNotes(columns: readonly RepresentedColumn[]): string[] {
  const texts = columns.filter((column) => column.role === 'text')
  const lengths = texts.filter(({ length }) => length).map(({ name }) => name)
  const ofWords = texts
    .filter(({ words }) => words)
    .map(({ name, words = [] }) => `${name} (${counted(words.length, 'word')})`)
  return [
    ...(ofWords.length > 0
      ? [
          `Of ${named(ofWords)} the most frequent words are features. What texts mean is found with --features.`
        ]
      : []),
    ...(lengths.length > 0
      ? [`Of ${named(lengths)} only the length is a feature. What the texts say is found with --features.`]
      : [])
  ]
}

function emptyCells(found: readonly FoundColumn[], columns: readonly RepresentedColumn[]): string[] {
  const members = found.filter(({ profile }, i) => {
    const column = columns[i]
    return profile.empty > 0 && column !== undefined && 'empty' in column && column.empty === true
  })
  if (members.length === 0) return []
  const names = members.map(({ profile }) => `${profile.name} (${profile.empty})`)
  return [
    `Empty cells: ${named(names)}. A feature of its own says where a cell is empty; the median stands for the number or date.`
  ]
}

/** Texts among numbers, and what else is no date. */
function oddCells(found: readonly FoundColumn[]): string[] {
  return found
    .flatMap(({ profile, found: { role, order } }) => {
      const count = unusable(profile, role, order)
      const { odd } = profile
      if (count === 0 || !odd) return []
      const kind = role === 'date' ? 'no date' : 'no number'
      const where = role === 'number' ? `, such as "${odd.text.slice(0, 30)}" in row ${odd.row}` : ''
      return [
        `Column "${profile.name}": ${counted(count, 'cell')} ${count === 1 ? 'holds' : 'hold'} ${kind}${where}; ${count === 1 ? 'it is' : 'they are'} read as empty.`
      ]
    })
    .slice(0, MOST_NAMED)
}

function levelNotes(found: readonly FoundColumn[], columns: readonly RepresentedColumn[]): string[] {
  return columns
    .flatMap((column, i) => {
      if (column.role !== 'category' || !column.other) return []
      const { profile } = found[i]!
      const more = profile.isMore ? 'more than ' : ''
      return [
        `Column "${column.name}" has ${more}${profile.levels.size} different values: the ${column.levels.length} frequent ones are a feature each, the others share one.`
      ]
    })
    .slice(0, MOST_NAMED)
}

function dateNotes(found: readonly FoundColumn[]): string[] {
  return found
    .filter(({ found: { role }, profile }) => role === 'date' && profile.hasUnclearDates)
    .filter(({ profile: { dates } }) => dates.dmy === dates.mdy)
    .map(
      ({ profile }) =>
        `Column "${profile.name}": whether the day or the month comes first cannot be told; the day is read first.`
    )
    .slice(0, MOST_NAMED)
}
