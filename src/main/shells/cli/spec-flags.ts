import * as z from 'zod'
import { Option } from 'commander'
import type { Command } from 'commander'
import { badInput, Failure } from '../../../shared/domain/failure'
import { settingsOf } from '../../../shared/domain/settings'
import type { Setting } from '../../../shared/domain/settings'
import { flagOf } from '../../../shared/domain/flags'
import { partedRoles } from '../../../shared/domain/table-columns'
import { repeated } from './common-options'

/**
 * Command-line options made from a task's schema: name, type, default and text are the schema's, so the two
 * cannot drift apart.
 */

/** Settings that a command line gives: all but what is fixed. */
function flagsOf(schema: z.ZodObject, fixed: Record<string, unknown>): Setting[] {
  return settingsOf(schema).filter(({ name }) => name !== 'task' && !(name in fixed))
}

export function addSpecFlags(
  command: Command,
  schema: z.ZodObject,
  fixed: Record<string, unknown> = {}
): void {
  for (const setting of flagsOf(schema, fixed)) {
    const { name, kind, text, fallback } = setting
    if (kind === 'switch') {
      const yes = new Option(`--${flagOf(name)}`, text).hideHelp(fallback === true)
      const no = new Option(`--no-${flagOf(name)}`, `Not: ${text}`).hideHelp(fallback !== true)
      // Both are understood, also the one that says what holds anyway. In this order neither has a default.
      command.addOption(yes).addOption(no)
      continue
    }
    const option = new Option(`--${flagOf(name)} ${placeholder(setting)}`, text)
    if (kind === 'words') option.argParser(repeated)
    if (fallback !== undefined) option.default(undefined, String(fallback))
    command.addOption(option)
    if (setting.off !== undefined) command.addOption(new Option(`--no-${flagOf(name)}`, setting.off))
  }
}

function placeholder({ kind, choices = [] }: Setting): string {
  if (kind === 'choice') return `<${choices.join('|')}>`
  if (kind === 'list' || kind === 'words') return '<a,b,...>'
  return kind === 'text' ? '<text>' : '<n>'
}

/**
 * The options given as a checked spec.
 * @throws Failure bad-usage that names the option
 */
export function specFromFlags<T>(
  schema: z.ZodObject,
  fixed: Record<string, unknown>,
  given: Record<string, unknown>
): T {
  const values: Record<string, unknown> = { ...fixed }
  for (const { name, kind } of flagsOf(schema, fixed)) {
    const raw = given[attributeOf(name)]
    if (raw === undefined) continue
    values[name] = Array.isArray(raw)
      ? raw.flatMap((text) => parseWords(name, String(text)))
      : typeof raw === 'string'
        ? parseValue(name, kind, raw)
        : raw
  }
  return checkedSpec<T>(
    schema,
    values,
    (field) => `--${flagOf(field)}`,
    (field) => `--no-${flagOf(field)}`
  )
}

/** Commander's own name for an option: the flag in camel case. */
function attributeOf(field: string): string {
  return flagOf(field).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function parseValue(field: string, kind: Setting['kind'], raw: string): unknown {
  if (kind === 'words') return parseWords(field, raw)
  if (kind === 'list') {
    if (raw.trim() === '') return []
    return raw.split(',').map((part) => parseNumber(field, part.trim()))
  }
  return kind === 'number' || kind === 'integer' ? parseNumber(field, raw) : raw
}

/** Names parted by commas; roles of columns are parted where one ends, since names may hold commas. */
function parseWords(field: string, raw: string): string[] {
  if (raw.trim() === '') return []
  return field === 'column' ? partedRoles(raw) : raw.split(',').map((part) => part.trim())
}

function parseNumber(field: string, raw: string): number {
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isFinite(value)) {
    throw new Failure('bad-usage', `--${flagOf(field)} is "${raw}", which is not a number.`, 'Give a number.')
  }
  return value
}

/**
 * Check values against a schema, unknown fields refused.
 * @param nameOf how the reader knows a field: a flag, or a key of a file
 * @param without how the reader says that one is to be done without
 */
export function checkedSpec<T>(
  schema: z.ZodObject,
  values: unknown,
  nameOf: (field: string) => string,
  without = (field: string): string => `"${field}: false"`
): T {
  const result = z.strictObject(schema.shape).safeParse(values)
  if (result.success) return result.data as T
  const [issue] = result.error.issues
  if (!issue) throw badInput('The spec cannot be read.', 'See --help.')
  if (issue.code === 'unrecognized_keys') {
    throw badInput(`${nameOf(issue.keys[0] ?? '')} is not known here.`, 'See --help for what there is.')
  }
  const field = String(issue.path[0] ?? '')
  const given = (values as Record<string, unknown>)[field]
  if (given === undefined) {
    const isOptional = settingsOf(schema).some(({ name, off }) => name === field && off !== undefined)
    const or = isOptional ? `, or ${without(field)} to go without` : ''
    const name = nameOf(field)
    throw badInput(`${name} is missing.`, `Give ${name.startsWith('--') ? name : field}${or}; see --help.`)
  }
  throw badInput(`${nameOf(field)} is ${shortly(given)}: ${issue.message.toLowerCase()}.`, 'See --help.')
}

/** A value as a sentence shows it, cut where it is long. */
export function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}
