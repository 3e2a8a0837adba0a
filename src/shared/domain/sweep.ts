import * as z from 'zod'
import { badInput } from './failure'
import { flagOf } from './flags'
import { settingsOf } from './settings'
import type { Setting } from './settings'
import { runState } from './run'

/** Runs that one sweep may have. */
export const MOST_SWEPT = 1000

/** A field of a spec and the values that it takes. */
export const sweepAxis = z.object({
  field: z.string().min(1),
  values: z.array(z.unknown()).min(1).max(MOST_SWEPT)
})
export type SweepAxis = z.infer<typeof sweepAxis>

/** Many runs as one act: a spec, and fields of it as lists. There is a run for each combination. */
export const sweepRecord = z.object({
  id: z.string(),
  name: z.string(),
  axes: z.array(sweepAxis).min(1),
  createdAt: z.iso.datetime()
})
export type SweepRecord = z.infer<typeof sweepRecord>

/** Fields as they stand in one run. */
export type SweepPoint = Readonly<Record<string, unknown>>

type Spoken = (field: string) => string
const asFlag: Spoken = (field) => `--${flagOf(field)}`

/** Fields of a task's schema that can vary. */
export function sweptSettings(schema: z.ZodObject): Setting[] {
  return settingsOf(schema).filter(({ name }) => name !== 'task')
}

/**
 * Values as a person types them: `0..4` counts, a comma parts, a semicolon where each value is itself a list.
 * @throws Failure bad-input for a field that is not there or a value that is none
 */
export function axisOf(schema: z.ZodObject, field: string, text: string, spoken = asFlag): SweepAxis {
  const setting = sweptSettings(schema).find(({ name }) => name === field || flagOf(name) === field)
  if (!setting) throw badInput(`${spoken(field)} is not known here.`, 'Take a field of the task.')
  const isList = setting.kind === 'list' || setting.kind === 'words'
  const words = text
    .split(isList ? ';' : ',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const values = words.flatMap((word) => valuesOf(setting, word, spoken))
  return checkedAxis({ field: setting.name, values }, spoken)
}

function valuesOf(setting: Setting, word: string, spoken: Spoken): unknown[] {
  const { kind, name } = setting
  const range = kind === 'integer' ? /^(\d{1,9})\.\.(\d{1,9})$/.exec(word) : null
  if (range) return counted(Number(range[1]), Number(range[2]), spoken(name))
  if (kind === 'words') return [word.split(',').map((part) => part.trim())]
  if (kind === 'list') return [word.split(',').map((part) => numberIn(part, spoken(name)))]
  if (kind === 'number' || kind === 'integer') return [numberIn(word, spoken(name))]
  if (kind === 'switch') return [word === 'true' ? true : word === 'false' ? false : word]
  return [word]
}

function counted(from: number, to: number, name: string): number[] {
  if (to < from || to - from >= MOST_SWEPT) {
    throw badInput(`${name} is ${from}..${to}.`, `Count upwards, over ${MOST_SWEPT} values at most.`)
  }
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function numberIn(word: string, name: string): number {
  const value = Number(word)
  if (word.trim() === '' || !Number.isFinite(value))
    throw badInput(`${name} is "${word.slice(0, 100)}", which is not a number.`, 'Give numbers.')
  return value
}

/**
 * A spec file in which fields are lists, parted into what is fixed and what varies. A field that is a list anyway
 * varies where it is a list of lists.
 * @throws Failure bad-input for a list without values
 */
export function axesIn(
  schema: z.ZodObject,
  values: SweepPoint,
  spoken: Spoken
): { fixed: Record<string, unknown>; axes: SweepAxis[] } {
  const kinds = new Map(sweptSettings(schema).map(({ name, kind }) => [name, kind]))
  const fixed: Record<string, unknown> = {}
  const axes: SweepAxis[] = []
  for (const [field, value] of Object.entries(values)) {
    const kind = kinds.get(field)
    const isListed = kind === 'list' || kind === 'words'
    const varies = kind !== undefined && Array.isArray(value) && (!isListed || Array.isArray(value[0]))
    if (varies) axes.push(checkedAxis({ field, values: value }, spoken))
    else fixed[field] = value
  }
  return { fixed, axes }
}

function checkedAxis(axis: SweepAxis, spoken: Spoken): SweepAxis {
  const { field, values } = axis
  if (values.length === 0) throw badInput(`${spoken(field)} has no values.`, 'Name at least one.')
  const distinct = new Set(values.map((value) => JSON.stringify(value)))
  if (distinct.size < values.length)
    throw badInput(`${spoken(field)} has a value twice.`, 'Name each value once.')
  return axis
}

/**
 * All combinations, the last axis the fastest.
 * @throws Failure bad-input for more than a sweep may have
 */
export function pointsOf(axes: readonly SweepAxis[]): SweepPoint[] {
  const total = axes.reduce((product, { values }) => product * values.length, 1)
  if (total > MOST_SWEPT) {
    throw badInput(
      `That would be ${total} runs, and a sweep has ${MOST_SWEPT} at most.`,
      'Vary fewer fields, or fewer values.'
    )
  }
  return axes.reduce<SweepPoint[]>(
    (points, { field, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [field]: value }))),
    [{}]
  )
}

const measure = z.object({
  name: z.string(),
  better: z.enum(['higher', 'lower']),
  /** Shares are shown in percent. */
  share: z.boolean()
})
export type SweepMeasure = z.infer<typeof measure>

const cell = z.object({
  /** Runs that have the number. */
  count: z.int(),
  mean: z.number(),
  /** Of the sample (n - 1); null for one run. */
  deviation: z.number().nullable(),
  /** Of all runs of the row. */
  best: z.number(),
  /** Whether no other row's mean is better; false where there is nothing to compare. */
  leads: z.boolean()
})
export type SweepCell = z.infer<typeof cell>

/** The runs of a sweep as one table: a row for each combination of what varies besides the seed. */
export const sweepTable = z.object({
  /** What varies, without the seed. */
  fields: z.array(z.string()),
  measures: z.array(measure),
  rows: z.array(
    z.object({
      point: z.record(z.string(), z.unknown()),
      runs: z.array(z.object({ id: z.string(), state: runState, seed: z.int() })),
      /** In the order of the measures; null where no run has the number. */
      cells: z.array(cell.nullable())
    })
  )
})
export type SweepTable = z.infer<typeof sweepTable>
