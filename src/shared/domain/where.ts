import { badInput } from './failure'

/** What can be asked of an example, and what the values are. */
export const WHERE_FIELDS = {
  row: 'number',
  class: 'word',
  true: 'word',
  split: 'word',
  file: 'word',
  text: 'word',
  score: 'number',
  suggested: 'word',
  flagged: 'word',
  decision: 'word',
  reviewed: 'word',
  by: 'word',
  assigned: 'word',
  tag: 'word',
  note: 'word',
  problem: 'word'
} as const
export type WhereField = keyof typeof WHERE_FIELDS

const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '~'] as const
export type WhereOperator = (typeof OPERATORS)[number]

/** A question about one example. */
export type Where =
  | {
      readonly type: 'is'
      readonly field: WhereField
      readonly operator: WhereOperator
      readonly value: string
    }
  | {
      readonly type: 'cell'
      readonly column: string
      readonly operator: WhereOperator
      readonly value: string
    }
  | { readonly type: 'and' | 'or'; readonly of: readonly Where[] }
  | { readonly type: 'not'; readonly of: Where }

type Known = string | number | readonly string[] | null

/** What is known of an example: nothing, one value, or several. */
export interface WhereFacts {
  of(field: WhereField): Known
  /** What stands in a column of the table. */
  cell(column: string): string | null
}

/** Longest question, in characters. */
export const LONGEST_QUESTION = 2000
const DEEPEST = 50
const TOKEN = /\s*(?:([()])|(<=|>=|!=|=|<|>|~)|"((?:[^"\\]|\\.)*)"|([^\s()=<>!~"]+))/y

interface Token {
  readonly type: 'bracket' | 'operator' | 'text' | 'word'
  readonly text: string
}

/**
 * A question such as `class = cat and score < 0.3 and not problem = exact_duplicate`. Fields are those of WHERE_FIELDS; ~ asks
 * whether a text contains another, whatever its case; words with spaces stand in double quotes, and so do the names of a
 * table's columns: `"hours per week" > 60`.
 * @throws Failure bad-input that quotes what is not understood
 */
export function parseWhere(text: string): Where {
  if (text.length > LONGEST_QUESTION) throw notUnderstood(`it has more than ${LONGEST_QUESTION} characters`)
  const tokens = tokensOf(text)
  let at = 0
  const next = (): Token | undefined => tokens[at]
  const isWord = (word: string): boolean => next()?.type === 'word' && next()!.text.toLowerCase() === word

  function anyOf(depth: number): Where {
    const of = [allOf(depth)]
    while (isWord('or')) {
      at++
      of.push(allOf(depth))
    }
    return of.length === 1 ? of[0]! : { type: 'or', of }
  }
  function allOf(depth: number): Where {
    const of = [one(depth)]
    while (isWord('and')) {
      at++
      of.push(one(depth))
    }
    return of.length === 1 ? of[0]! : { type: 'and', of }
  }
  function one(depth: number): Where {
    if (depth > DEEPEST) throw notUnderstood('its brackets are too deep')
    if (isWord('not')) {
      at++
      return { type: 'not', of: one(depth + 1) }
    }
    if (next()?.text !== '(' || next()?.type !== 'bracket') return comparison()
    at++
    const inner = anyOf(depth + 1)
    if (next()?.text !== ')') throw notUnderstood('a bracket is not closed')
    at++
    return inner
  }
  function comparison(): Where {
    const [field, operator, value] = tokens.slice(at, at + 3)
    at += 3
    return comparisonOf(field, operator, value)
  }

  const where = anyOf(0)
  if (at < tokens.length) throw notUnderstood(`"${tokens[at]!.text}" comes after its end`)
  return where
}

function comparisonOf(field?: Token, operator?: Token, value?: Token): Where {
  const name = field?.text.toLowerCase() ?? ''
  if (field?.type === 'text') return cellOf(field, operator, value)
  if (!field || !isField(name))
    throw notUnderstood(
      field
        ? `"${field.text}" is no field (a column stands in double quotes)`
        : 'it ends where a field is expected'
    )
  if (operator?.type !== 'operator')
    throw notUnderstood(`after "${field.text}" a comparison is expected (${OPERATORS.join(' ')})`)
  return {
    type: 'is',
    field: name,
    operator: operator.text as WhereOperator,
    value: valueOf(name, operator, value)
  }
}

/** A column of the table: numbers compare as numbers, all else as texts, as dates of ISO 8601 want it. */
function cellOf({ text }: Token, operator?: Token, value?: Token): Where {
  if (operator?.type !== 'operator')
    throw notUnderstood(`after the column "${text}" a comparison is expected (${OPERATORS.join(' ')})`)
  if (value?.type !== 'word' && value?.type !== 'text')
    throw notUnderstood(`after "${text} ${operator.text}" a value is expected`)
  return { type: 'cell', column: text, operator: operator.text as WhereOperator, value: value.text }
}

function valueOf(field: WhereField, operator: Token, value: Token | undefined): string {
  if (value?.type !== 'word' && value?.type !== 'text')
    throw notUnderstood(`after "${field} ${operator.text}" a value is expected`)
  const { text } = value
  if (WHERE_FIELDS[field] !== 'number') {
    if (/[<>]/.test(operator.text))
      throw notUnderstood(`"${field}" is no number, so it cannot be compared with ${operator.text}`)
  } else if (text.trim() === '' || !Number.isFinite(Number(text)))
    throw notUnderstood(`"${text}" is no number`)
  return text
}

function isField(name: string): name is WhereField {
  return Object.hasOwn(WHERE_FIELDS, name)
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const [, bracket, operator, quoted, word] = TOKEN.exec(text) ?? []
    if (bracket !== undefined) tokens.push({ type: 'bracket', text: bracket })
    else if (operator !== undefined) tokens.push({ type: 'operator', text: operator })
    else if (quoted !== undefined) tokens.push({ type: 'text', text: quoted.replace(/\\(.)/g, '$1') })
    else if (word !== undefined) tokens.push({ type: 'word', text: word })
    else throw notUnderstood(`"${text.slice(from).trim().slice(0, 20)}" cannot be read`)
  }
  return tokens
}

function notUnderstood(why: string): Error {
  return badInput(
    `That question is not understood: ${why}.`,
    `Ask for example: class = cat and score < 0.3. Fields: ${Object.keys(WHERE_FIELDS).join(', ')}, and columns of a table in double quotes.`
  )
}

/** A value as it stands in a question, whatever is in it. */
export function quotedValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** The fields that a question asks for. */
export function fieldsOf(where: Where): ReadonlySet<WhereField> {
  return new Set(comparisonsIn(where).flatMap((one) => (one.type === 'is' ? [one.field] : [])))
}

/** The columns of a table that a question asks for. */
export function columnsOf(where: Where): ReadonlySet<string> {
  return new Set(comparisonsIn(where).flatMap((one) => (one.type === 'cell' ? [one.column] : [])))
}

/** The values that a question compares a field with. */
export function valuesOf(where: Where, field: WhereField): string[] {
  return comparisonsIn(where).flatMap((one) => (one.type === 'is' && one.field === field ? [one.value] : []))
}

function comparisonsIn(where: Where): Extract<Where, { type: 'is' | 'cell' }>[] {
  if (where.type === 'is' || where.type === 'cell') return [where]
  return (where.type === 'not' ? [where.of] : where.of).flatMap(comparisonsIn)
}

/** Whether an example is asked for. What is not known is neither equal to anything nor larger or smaller. */
export function matches(where: Where, facts: WhereFacts): boolean {
  switch (where.type) {
    case 'and':
      return where.of.every((of) => matches(of, facts))
    case 'or':
      return where.of.some((of) => matches(of, facts))
    case 'not':
      return !matches(where.of, facts)
    case 'is':
      return holds(where.operator, facts.of(where.field), where.value)
    case 'cell':
      return holds(where.operator, cellAgainst(where, facts.cell(where.column)), where.value)
  }
}

/** A cell as what it is compared with: a number where both are; no text is larger or smaller than a number. */
function cellAgainst(
  { operator, value }: Pick<Extract<Where, { type: 'cell' }>, 'operator' | 'value'>,
  cell: string | null
): Known {
  const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))
  if (cell === null || !isNumber(value)) return cell
  if (isNumber(cell)) return Number(cell)
  return /[<>]/.test(operator) ? null : cell
}

function holds(operator: WhereOperator, known: Known, value: string): boolean {
  if (operator === '!=') return !holds('=', known, value)
  if (known === null) return false
  if (operator === '~' || typeof known === 'object') return isAmong(operator, known, value)
  if (typeof known === 'number') return compares(operator, known, Number(value))
  return compares(operator, known.toLowerCase(), value.toLowerCase())
}

function isAmong(operator: WhereOperator, known: Known, value: string): boolean {
  const wanted = value.toLowerCase()
  const texts = (typeof known === 'object' ? (known ?? []) : [String(known)]).map((text) =>
    text.toLowerCase()
  )
  return texts.some((text) => (operator === '~' ? text.includes(wanted) : text === wanted))
}

function compares<Value extends number | string>(
  operator: WhereOperator,
  known: Value,
  value: Value
): boolean {
  switch (operator) {
    case '<':
      return known < value
    case '<=':
      return known <= value
    case '>':
      return known > value
    case '>=':
      return known >= value
    default:
      return known === value
  }
}
