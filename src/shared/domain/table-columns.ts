import * as z from 'zod'
import { badInput } from './failure'

/** What a column of a table is for. An identifier, a constant and what is ignored are no features. */
export const COLUMN_ROLES = [
  'label',
  'number',
  'category',
  'date',
  'text',
  'identifier',
  'constant',
  'ignore'
] as const
export const columnRole = z.enum(COLUMN_ROLES)
export type ColumnRole = z.infer<typeof columnRole>

/** Roles that a person gives a column; the others are found. */
export const GIVEN_ROLES = ['label', 'number', 'category', 'date', 'text', 'ignore'] as const
export type GivenRole = (typeof GIVEN_ROLES)[number]

/** Which of two numbers before a year is the day: 3/4/2024 is the third of April, or the fourth of March. */
export const dayOrder = z.enum(['dmy', 'mdy'])
export type DayOrder = z.infer<typeof dayOrder>

const named = {
  name: z.string(),
  /** Why it has this role, as a clause. */
  reason: z.string().optional()
}

/** How the cells of one column become features. */
export const representedColumn = z.discriminatedUnion('role', [
  z.object({
    ...named,
    role: z.literal('number'),
    /** Of a column of lists: how many numbers each holds. */
    width: z.int().positive().optional(),
    /** In place of an empty cell: the median of the others. */
    median: z.number().optional(),
    /** Whether a feature of its own says that the cell is empty. */
    empty: z.boolean().optional()
  }),
  z.object({
    ...named,
    role: z.literal('date'),
    order: dayOrder,
    /** In days since 1970, as the feature. */
    median: z.number().optional(),
    empty: z.boolean().optional()
  }),
  z.object({
    ...named,
    role: z.literal('category'),
    /** A feature each. */
    levels: z.array(z.string()),
    /** Whether a feature stands for all levels that are not listed. */
    other: z.boolean(),
    empty: z.boolean().optional()
  }),
  z.object({
    ...named,
    role: z.literal('text'),
    /** A feature each: whether a text has the word, all of a text's together of length 1. */
    words: z.array(z.string()).optional(),
    /** Whether the number of its characters is a feature: where a table holds nothing but texts without words in common. */
    length: z.boolean().optional(),
    unread: z.boolean().optional()
  }),
  z.object({
    ...named,
    role: z.enum(['identifier', 'constant', 'ignore']),
    /** Of a constant: what every cell holds. */
    value: z.string().optional(),
    /** Whether its cells are nothing that could be read. */
    unread: z.boolean().optional()
  })
])
export type RepresentedColumn = z.infer<typeof representedColumn>

/** How the rows of a table become features, fitted on all of them: a second table is read with the same. */
export const tableRepresentation = z.object({
  version: z.literal(1),
  /** Of the table, but the label and the true label, in its order. */
  columns: z.array(representedColumn),
  /** 5,1 is five and a tenth. */
  decimalComma: z.boolean().optional(),
  /** What the import told of its columns: it does not hold where they are read as those of another table. */
  notes: z.array(z.string()).optional()
})
export type TableRepresentation = z.infer<typeof tableRepresentation>

/** A column as an import assistant shows it. */
export const inspectedColumn = z.object({
  name: z.string(),
  role: columnRole,
  reason: z.string(),
  /** Cells that were looked at. */
  rows: z.int().nonnegative(),
  empty: z.int().nonnegative(),
  distinct: z.int().nonnegative(),
  /** Whether there are more different values than were counted. */
  isMore: z.boolean(),
  /** Some of its values. */
  examples: z.array(z.string()),
  /** How many features it becomes. */
  features: z.int().nonnegative()
})
export type InspectedColumn = z.infer<typeof inspectedColumn>

/** What a report says of the columns of a table. */
export const tableSummary = z.object({
  /** But the label. */
  columns: z.int().nonnegative(),
  features: z.int().nonnegative(),
  /** The first 1,000. */
  roles: z.array(
    z.object({ name: z.string(), role: columnRole, features: z.int().nonnegative(), reason: z.string() })
  )
})
export type TableSummary = z.infer<typeof tableSummary>

/** A sentence on what was learned from: how many features of how many columns, and which were left out. */
export function tableSentence({ columns, features, roles }: TableSummary): string {
  const left = roles.filter((column) => column.features === 0)
  const names = left
    .slice(0, 8)
    .map(({ name, role }) => `${name === '' ? '(unnamed)' : name} (${ROLE_WORDS[role]})`)
  const more = left.length > names.length ? ` and ${left.length - names.length} more` : ''
  const out = names.length > 0 ? `; left out: ${names.join(', ')}${more}` : ''
  const of = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
  return `${of(features, 'feature')} of ${of(columns, 'column')}${out}.`
}

/** How a role is called in a sentence or a list. */
export const ROLE_WORDS: Readonly<Record<ColumnRole, string>> = {
  label: 'label',
  number: 'number',
  category: 'category',
  date: 'date',
  text: 'text',
  identifier: 'identifier',
  constant: 'constant',
  ignore: 'left out'
}

/** Names of the features that a column becomes. */
export function featureNamesOf(column: RepresentedColumn): string[] {
  const { name } = column
  const empty = 'empty' in column && column.empty ? [`${name} is empty`] : []
  switch (column.role) {
    case 'number':
      return column.width === undefined
        ? [name, ...empty]
        : Array.from({ length: column.width }, (_, i) => `${name}[${i}]`)
    case 'date':
      return [name, ...empty]
    case 'category':
      return [
        ...column.levels.map((level) => `${name} = ${level}`),
        ...(column.other ? [`${name} is another`] : []),
        ...empty
      ]
    case 'text':
      if (column.words) return column.words.map((word) => `${name} has ${word}`)
      return column.length ? [`length of ${name}`] : []
    default:
      return []
  }
}

/** How many features a column becomes. */
export function featureCountOf(column: RepresentedColumn): number {
  const empty = Number('empty' in column && column.empty === true)
  switch (column.role) {
    case 'number':
      return column.width ?? 1 + empty
    case 'date':
      return 1 + empty
    case 'category':
      return column.levels.length + Number(column.other) + empty
    case 'text':
      return column.words?.length ?? Number(column.length ?? false)
    default:
      return 0
  }
}

/** Features that are words of one text, [from, to): they are alike, and share one scale. */
export function wordSpans({ columns }: TableRepresentation): (readonly [number, number])[] {
  let at = 0
  return columns.flatMap((column) => {
    const from = at
    at += featureCountOf(column)
    return column.role === 'text' && column.words ? [[from, at] as const] : []
  })
}

/**
 * What decides the features, and nothing else: two tables with the same are read alike. What stands for an empty cell
 * counts only where there were some.
 */
export function encodingOf({ columns }: TableRepresentation): unknown[] {
  return columns.flatMap((column): unknown[] => {
    if (featureCountOf(column) === 0) return []
    const { reason: _, ...rest } = column
    if ('median' in rest && !rest.empty) {
      const { median: _median, ...encoded } = rest
      return [encoded]
    }
    return [rest]
  })
}

/** Whether every feature is a number as it stands in the table: nothing was fitted, nothing else is known of a row. */
export function isPlain({ columns }: TableRepresentation): boolean {
  return columns.every((column) => column.role === 'constant' || (column.role === 'number' && !column.empty))
}

const GIVEN = new RegExp(`^(.*)=(${GIVEN_ROLES.join('|')})$`, 's')

/**
 * Roles that a person gives, written as name=role. A name may hold commas and equals signs.
 * @throws Failure bad-input for another role
 */
export function givenRoles(words: readonly string[]): Map<string, GivenRole> {
  const roles = new Map<string, GivenRole>()
  for (const word of words) {
    const [, name, role] = GIVEN.exec(word) ?? []
    if (name === undefined || role === undefined) {
      throw badInput(
        `"${word}" gives no column a role.`,
        `Write --column name=role, where the role is one of ${GIVEN_ROLES.join(', ')}.`
      )
    }
    roles.set(name, role as GivenRole)
  }
  return roles
}

/** Several of them in one text, parted by commas: a=number,b=category. */
export function partedRoles(text: string): string[] {
  const words: string[] = []
  let held = ''
  for (const piece of text.split(',')) {
    held = held === '' ? piece : `${held},${piece}`
    if (!GIVEN.test(held.trim())) continue
    words.push(held.trim())
    held = ''
  }
  return held.trim() === '' ? words : [...words, held.trim()]
}
