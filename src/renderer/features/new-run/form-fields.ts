import { z } from 'zod'
import { PRESETS } from '@shared/domain/presets'
import { MODELS } from '@shared/domain/task-spec'
import { inWindowWords } from '@shared/domain/window-words'
import type { TaskCard } from './tasks'

/** One setting of a run as a form shows it; made from the task's schema, so the two cannot drift apart. */
export interface FormField {
  readonly name: string
  readonly kind: 'number' | 'integer' | 'choice' | 'switch' | 'text' | 'list' | 'words'
  /** What it means, in a sentence. */
  readonly text: string
  readonly choices?: readonly string[]
  readonly fallback?: unknown
  readonly group: FieldGroup
}

export const FIELD_GROUPS = ['Task', 'Model', 'Schedule', 'Penalty method', 'Data', 'Machine'] as const
export type FieldGroup = (typeof FIELD_GROUPS)[number]

/** The paper's symbols, as a reader knows them. */
export const SYMBOLS: Readonly<Record<string, string>> = {
  gamma: 'γ',
  lambda: 'λ',
  epsilon0: 'ε₀',
  nu: 'ν',
  cGamma: 'c_γ',
  cLambda: 'c_λ',
  cEpsilon: 'c_ε',
  lowerSteps: 'T',
  lrUpper: 'step size of u',
  lrLower: 'step size of v',
  epsilon: 'ε',
  epsilonL2: 'ε (L2)',
  beta: 'β'
}

const GROUP_OF: Readonly<Record<string, FieldGroup>> = {
  method: 'Model',
  model: 'Model',
  hiddenSizes: 'Model',
  linearSolver: 'Model',
  epochs: 'Schedule',
  lowerSteps: 'Schedule',
  upperSteps: 'Schedule',
  batchSize: 'Schedule',
  lrUpper: 'Schedule',
  lrLower: 'Schedule',
  pretrainEpochs: 'Schedule',
  gamma: 'Penalty method',
  lambda: 'Penalty method',
  epsilon0: 'Penalty method',
  nu: 'Penalty method',
  cGamma: 'Penalty method',
  cLambda: 'Penalty method',
  cEpsilon: 'Penalty method',
  lrDecay: 'Penalty method',
  format: 'Data',
  imageSize: 'Data',
  labelColumn: 'Data',
  header: 'Data',
  separator: 'Data',
  leaveOut: 'Data',
  encoding: 'Data',
  strict: 'Data',
  truth: 'Data',
  features: 'Data',
  seed: 'Machine',
  backend: 'Machine',
  maxSeconds: 'Machine'
}

interface Property {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly items?: { readonly type?: string }
}

/** Every setting of a task but its data; settings that only a file can hold are left out. */
export function formFields({ schema, roles }: TaskCard): FormField[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const data = new Set<string>(['task', ...roles.map(({ field }) => field)])
  return Object.entries(properties as Record<string, Property>).flatMap(([name, property]): FormField[] => {
    const kind = name === 'model' ? 'choice' : kindOf(property)
    if (data.has(name) || kind === undefined) return []
    return [
      {
        name,
        kind,
        text: inWindowWords(property.description ?? ''),
        choices: property.enum ?? (name === 'model' ? MODELS : undefined),
        fallback: property.default,
        group: GROUP_OF[name] ?? 'Task'
      }
    ]
  })
}

function kindOf({ type, enum: choices, items }: Property): FormField['kind'] | undefined {
  if (choices) return 'choice'
  if (type === 'number') return 'number'
  if (type === 'integer') return 'integer'
  if (type === 'boolean') return 'switch'
  if (type === 'string') return 'text'
  if (type !== 'array' || items?.type === 'object') return undefined
  return items?.type === 'string' ? 'words' : 'list'
}

/** Values that a preset gives, over nothing. */
export function presetValues(task: TaskCard['task'], name: string): Record<string, unknown> {
  return { ...PRESETS[task].find((preset) => preset.name === name)?.values }
}
