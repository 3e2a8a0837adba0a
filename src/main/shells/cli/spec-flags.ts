import { z } from 'zod'
import { Option } from 'commander'
import type { Command } from 'commander'
import { badInput, Failure } from '../../../shared/domain/failure'
import { flagOf } from '../../../shared/domain/spec-command'

/**
 * Command-line options made from a task's schema: name, type, default and text are the schema's, so the two
 * cannot drift apart.
 */

interface Property {
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly items?: { readonly type?: string }
}

function propertiesOf(schema: z.ZodObject): Record<string, Property> {
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return (properties ?? {}) as Record<string, Property>
}

/** Fields that a command line cannot sensibly hold: set in spec.yaml. */
function isFlag(field: string, property: Property, fixed: Record<string, unknown>): boolean {
  const isPlain = property.type !== 'object' && property.items?.type !== 'object'
  return field !== 'task' && !(field in fixed) && isPlain
}

export function addSpecFlags(
  command: Command,
  schema: z.ZodObject,
  fixed: Record<string, unknown> = {}
): void {
  for (const [field, property] of Object.entries(propertiesOf(schema))) {
    if (!isFlag(field, property, fixed)) continue
    const text = property.description ?? ''
    if (property.type === 'boolean') {
      const yes = new Option(`--${flagOf(field)}`, text).hideHelp(property.default === true)
      const no = new Option(`--no-${flagOf(field)}`, `Not: ${text}`).hideHelp(property.default !== true)
      // Both are understood, also the one that says what holds anyway. In this order neither has a default.
      command.addOption(yes).addOption(no)
      continue
    }
    const option = new Option(`--${flagOf(field)} ${placeholder(property)}`, text)
    if (property.default !== undefined) option.default(undefined, String(property.default))
    command.addOption(option)
  }
}

function placeholder(property: Property): string {
  if (property.enum) return `<${property.enum.join('|')}>`
  if (property.type === 'array') return '<a,b,...>'
  return property.type === 'string' ? '<text>' : '<n>'
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
  for (const [field, property] of Object.entries(propertiesOf(schema))) {
    if (!isFlag(field, property, fixed)) continue
    const raw = given[attributeOf(field)]
    if (raw === undefined) continue
    values[field] = typeof raw === 'string' ? parseValue(field, property, raw) : raw
  }
  return checkedSpec<T>(schema, values, (field) => `--${flagOf(field)}`)
}

/** Commander's own name for an option: the flag in camel case. */
function attributeOf(field: string): string {
  return flagOf(field).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function parseValue(field: string, property: Property, raw: string): unknown {
  if (property.type === 'array') {
    if (raw.trim() === '') return []
    const parts = raw.split(',').map((part) => part.trim())
    return property.items?.type === 'string' ? parts : parts.map((part) => parseNumber(field, part))
  }
  return property.type === 'number' || property.type === 'integer' ? parseNumber(field, raw) : raw
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
 */
export function checkedSpec<T>(schema: z.ZodObject, values: unknown, nameOf: (field: string) => string): T {
  const result = z.strictObject(schema.shape).safeParse(values)
  if (result.success) return result.data as T
  const [issue] = result.error.issues
  if (!issue) throw badInput('The spec cannot be read.', 'See --help.')
  if (issue.code === 'unrecognized_keys') {
    throw badInput(`${nameOf(issue.keys[0] ?? '')} is not known here.`, 'See --help for what there is.')
  }
  const field = String(issue.path[0] ?? '')
  const given = (values as Record<string, unknown>)[field]
  if (given === undefined)
    throw badInput(`${nameOf(field)} is missing.`, `Give ${nameOf(field)}; see --help.`)
  throw badInput(`${nameOf(field)} is ${shortly(given)}: ${issue.message.toLowerCase()}.`, 'See --help.')
}

/** A value as a sentence shows it, cut where it is long. */
export function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}
