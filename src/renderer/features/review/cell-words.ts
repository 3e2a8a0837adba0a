import { percent } from '@shared/words/numbers'
import type { CellInClass, JudgedCell } from '@shared/domain/table-view'

/** Rarer than this is worth a look, a tenth of it is striking. */
const UNUSUAL = 0.1

/** The cells, the most unusual among their class first; those that cannot be judged last, in their order. */
export function mostUnusualFirst(cells: readonly JudgedCell[]): JudgedCell[] {
  const rarity = ({ given }: JudgedCell): number => given?.rarity ?? 2
  return [...cells].sort((a, b) => rarity(a) - rarity(b))
}

export function unusualness({ given }: JudgedCell): 'striking' | 'unusual' | 'usual' {
  if (!given || given.rarity > UNUSUAL) return 'usual'
  return given.rarity > UNUSUAL / 10 ? 'unusual' : 'striking'
}

/** "97 % lower; most have 21 to 60", "1.2 % have it". */
export function inClassWords(cell: CellInClass, role: JudgedCell['role']): string {
  const { share, numbers } = cell
  if (!numbers) return `${percent(share)} have it`
  const { lower, low, high, median } = numbers
  const where =
    lower >= 0.5 ? `${percent(lower)} lie lower` : `${percent(Math.max(0, 1 - lower - share))} lie higher`
  const usual =
    low === high
      ? `most have ${numberWords(median, role)}`
      : `most have ${numberWords(low, role)} to ${numberWords(high, role)}`
  return `${where}; ${usual}`
}

function numberWords(value: number, role: JudgedCell['role']): string {
  if (role === 'date') return new Date(value * 86_400_000).toISOString().slice(0, 10)
  return value.toLocaleString('en', { maximumSignificantDigits: 4, useGrouping: Math.abs(value) >= 10_000 })
}
