import type * as z from 'zod'
import { ROLE_TITLES } from '../domain/field-titles'
import type { RoleField } from '../domain/field-titles'
import type { ReportOf } from '../domain/report'
import { METHODS } from '../domain/task-spec'
import type { Method, TaskName, TaskSpec } from '../domain/task-spec'

/** A role of data in a task. */
export interface DataRole {
  readonly field: RoleField
  readonly title: string
  readonly text: string
  readonly needed: boolean
  /** What it means to turn a needed one off, where that is a choice: its label and what it does. */
  readonly none?: { readonly label: string; readonly text: string }
}

/** A choice of settings by what a person wants of a run, not by symbols. */
export interface Preset {
  readonly name: string
  readonly text: string
  /** Fields of the task's spec; all others keep their defaults. */
  readonly values: Readonly<Record<string, unknown>>
}

/** A number that methods are compared by. */
export interface Quality {
  readonly name: string
  readonly value: number
  readonly better: 'higher' | 'lower'
  /** Shares are shown in percent. */
  readonly share: boolean
}

/** What both shells and the training process must know of a task beside its schemas. */
export interface TaskDefinition<Name extends TaskName> {
  readonly task: Name
  /** What a run of it does, in a few words. */
  readonly name: string
  /** What a person wants who chooses it. */
  readonly title: string
  readonly text: string
  /** Of PrimeIcons. */
  readonly icon: `pi-${string}`
  readonly schema: z.ZodObject
  readonly roles: readonly DataRole[]
  /** Whether the classes of all roles are one list. */
  readonly sharesClasses: boolean
  readonly models: readonly string[]
  /** The balanced ones are the defaults; the others trade time against how much is found. */
  readonly presets: readonly Preset[]
  readonly command: { readonly name: string; readonly summary: string; readonly examples: string }
  /** It compares the methods by itself: it has none of its own, and is no lane of a race. */
  readonly isRace: boolean
  /** Methods that can solve it. */
  methods(spec: Extract<TaskSpec, { task: Name }>): readonly Method[]
  /** Curves that tell its quality while it trains, the first that is there. */
  readonly curves: readonly string[]
  /** What methods are ranked by, the decisive number first. */
  qualities(report: ReportOf<Name>): Quality[]
  /** What came out, in sentences. */
  sentences(report: ReportOf<Name>): string[]
  /** Files of the output folder that a person wants next, each with its title; none where that depends on the run. */
  readonly files: readonly (readonly [title: string, path: string])[]
}

export const allMethods = (): readonly Method[] => METHODS

export function role(field: RoleField, text: string, needed = true): DataRole {
  return { field, title: ROLE_TITLES[field], text, needed }
}

export const validationRole = role(
  'validation',
  'Clean examples that the outcome is judged on while the run learns.'
)

export function testRole(needed: boolean): DataRole {
  return role('test', 'Examples that nothing is learned from: they measure the result.', needed)
}

type Measured = number | null | undefined

/** A share by which methods are compared; none where it was not measured. */
export function share(name: string, value: Measured): Quality[] {
  return value == null ? [] : [{ name, value, better: 'higher', share: true }]
}

export function plain(name: string, value: Measured, better: Quality['better']): Quality[] {
  return value == null ? [] : [{ name, value, better, share: false }]
}
