import { duration, percent } from '@shared/words/numbers'
import type { Quality } from '@shared/tasks/task'

/** What one method reached, and what it cost. */
export interface Finish {
  readonly name: string
  readonly quality: Quality | undefined
  readonly seconds: number | undefined
  readonly tensorMiB: number | undefined
}

/** The outcome in a sentence: who did best, and where the others were cheaper; undefined when nobody finished. */
export function raceVerdict(finishes: readonly Finish[]): string | undefined {
  const judged = finishes.filter((one): one is Finish & { quality: Quality } => one.quality !== undefined)
  const first = judged[0]
  if (!first) return undefined
  const { better, name, share } = first.quality
  const said = (value: number): string => (share ? percent(value) : String(Number(value.toPrecision(3))))
  const sorted = [...judged].sort((a, b) =>
    better === 'higher' ? b.quality.value - a.quality.value : a.quality.value - b.quality.value
  )
  const leader = sorted[0]!
  const level = sorted.filter((one) => said(one.quality.value) === said(leader.quality.value))
  const [best, quickest, least] = judged.length === 2 ? OF_TWO : OF_MANY
  const sentences = [
    level.length === 1
      ? `${leader.name} did ${best}: ${said(leader.quality.value)} (${name}).`
      : `${joined(level.map((one) => one.name))} did equally well: ${said(leader.quality.value)} (${name}).`
  ]
  const quick = smallest(judged, ({ seconds }) => seconds)
  if (quick?.seconds !== undefined) {
    sentences.push(`${quick.name} was ${quickest}: ${duration(quick.seconds)}.`)
  }
  const small = smallest(judged, ({ tensorMiB }) => tensorMiB)
  if (small?.tensorMiB !== undefined && new Set(judged.map(({ tensorMiB }) => tensorMiB)).size > 1) {
    sentences.push(`${small.name} held ${least} in memory: ${Number(small.tensorMiB.toPrecision(3))} MiB.`)
  }
  const lost = finishes.filter(({ quality }) => quality === undefined).map((one) => one.name)
  if (lost.length > 0) sentences.push(`${joined(lost)} came to no result.`)
  return sentences.join(' ')
}

const OF_TWO = ['better', 'quicker', 'less'] as const
const OF_MANY = ['best', 'quickest', 'the least'] as const

function smallest<T>(all: readonly T[], cost: (one: T) => number | undefined): T | undefined {
  return [...all].filter((one) => cost(one) !== undefined).sort((a, b) => cost(a)! - cost(b)!)[0]
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
