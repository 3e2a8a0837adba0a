import { inWindowWords } from '../../shared/domain/window-words'

/** Properties that hold sentences for a person, in every answer of the API. */
const SENTENCES: ReadonlySet<string> = new Set([
  'sentence',
  'remedy',
  'warnings',
  'advice',
  'message',
  'detail',
  'basis'
])
/** Properties that hold a person's own data, never sentences. */
const DATA: ReadonlySet<string> = new Set(['spec'])

/** An answer of the API with every sentence in the window's words; what has none comes back as it is. */
export function withWindowWords<T>(answer: T, workspace?: string): T {
  return translated(answer, (text) => inWindowWords(text, workspace)) as T
}

type Translate = (text: string) => string

function translated(value: unknown, translate: Translate): unknown {
  if (Array.isArray(value)) {
    // Labels and weights are long lists of numbers.
    if (typeof value[0] !== 'object') return value
    return changed(value, (item) => translated(item, translate))
  }
  if (!isRecord(value)) return value
  let result = value
  for (const key in value) {
    const before = value[key]
    if (before === null || (typeof before !== 'object' && typeof before !== 'string') || DATA.has(key))
      continue
    const after = SENTENCES.has(key) ? said(before, translate) : translated(before, translate)
    if (after !== before) {
      if (result === value) result = { ...value }
      result[key] = after
    }
  }
  return result
}

function said(value: unknown, translate: Translate): unknown {
  if (typeof value === 'string') return translate(value)
  if (!Array.isArray(value)) return translated(value, translate)
  return changed(value, (item) => (typeof item === 'string' ? translate(item) : translated(item, translate)))
}

/** The same list where no item changes. */
function changed(list: readonly unknown[], change: (item: unknown) => unknown): unknown {
  let result: unknown[] | undefined
  list.forEach((item, i) => {
    const after = change(item)
    if (after !== item) (result ??= [...list])[i] = after
  })
  return result ?? list
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
