export type Tell = (phase: string, done: number, total: number) => void

/** The phases of a survey, in their order. */
export const PHASES = [
  'looking for copies',
  'reading examples',
  'comparing examples',
  'measuring examples'
] as const
export type Phase = (typeof PHASES)[number]

/** Milliseconds a row, measured on two busy cores; each is compared with all others. */
const COSTS = {
  photographs: [2, 0.25, 1, 12],
  pictures: [0.03, 0.06, 1, 0.06],
  tables: [0.1, 0.03, 1, 0.03]
} as const
const COMPARING = 1.5e-5

/** What a phase's rows are of a survey as one act: a bar that only goes forward, and a time left that means all of it. */
export function surveyProgress(
  kind: keyof typeof COSTS,
  count: number,
  tell: Tell
): (phase: Phase) => (done: number) => void {
  const costs = PHASES.map((phase, i) =>
    phase === 'comparing examples' ? Math.max(0.05, COMPARING * count) : COSTS[kind][i]!
  )
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  return (phase) => {
    const at = PHASES.indexOf(phase)
    const before = costs.slice(0, at).reduce((sum, cost) => sum + cost, 0)
    return (done) => tell(phase, Math.floor((before * count + costs[at]! * done) / total), count)
  }
}
