import * as z from 'zod'

export const SETTING_GROUPS = ['Task', 'Model', 'Schedule', 'Penalty method', 'Data', 'Machine'] as const
export type SettingGroup = (typeof SETTING_GROUPS)[number]

declare module 'zod' {
  /** What a schema says of a setting besides its description. */
  interface GlobalMeta {
    /** Where a form shows it; without one, with what is the task's own. */
    group?: SettingGroup
    /** The paper's symbol. */
    symbol?: string
    /** What it means to turn a text off, where that is a choice. */
    off?: string
    /** What a text is usually chosen from. */
    suggested?: readonly string[]
  }
}

/** One setting of a schema, as the command line makes a flag of it and the window a field. */
export interface Setting {
  readonly name: string
  readonly kind: 'number' | 'integer' | 'choice' | 'switch' | 'text' | 'list' | 'words'
  /** What it means, in a sentence. */
  readonly text: string
  readonly choices?: readonly string[]
  readonly suggested?: readonly string[]
  /** What it means to turn a text off; absent where that is no choice. */
  readonly off?: string
  readonly fallback?: unknown
  readonly group: SettingGroup
  readonly symbol?: string
}

interface Property {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly items?: { readonly type?: string }
  readonly anyOf?: readonly Property[]
  readonly off?: string
  readonly group?: SettingGroup
  readonly symbol?: string
  readonly suggested?: readonly string[]
}

/** The settings of a schema in its order; what only a file can hold is left out. */
export function settingsOf(schema: z.ZodObject): Setting[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties as Record<string, Property>).flatMap(([name, property]): Setting[] => {
    const kind = kindOf(property)
    if (kind === undefined) return []
    const {
      description: text = '',
      enum: choices,
      default: fallback,
      suggested,
      off,
      group = 'Task',
      symbol
    } = property
    return [{ name, kind, text, choices, suggested, off, fallback, group, symbol }]
  })
}

function kindOf({ type, enum: choices, items, anyOf }: Property): Setting['kind'] | undefined {
  // A text, or off.
  if (anyOf?.some((other) => other.type === 'string')) return 'text'
  if (choices) return 'choice'
  if (type === 'number' || type === 'integer') return type
  if (type === 'boolean') return 'switch'
  if (type === 'string') return 'text'
  if (type !== 'array' || items?.type === 'object') return undefined
  return items?.type === 'string' ? 'words' : 'list'
}
