// What bench/label-errors.ts ends with: each tool over all settings, beside the best other one of each setting.

/** Of one tool in one setting. */
export interface Outcome {
  readonly setting: string
  readonly tool: string
  readonly auroc: number
  readonly averagePrecision: number
  readonly f1: number
  readonly flags: number
  readonly rows: number
  readonly wrong: number
  /** Wrong labels that were expected, with an interval, and how many there are: of those flagged, of the others. */
  readonly counts?: readonly Count[]
  /** Expected calibration error, where scores are probabilities. */
  readonly calibration?: number
}

export interface Count {
  readonly low: number
  readonly high: number
  readonly truth: number
}

/** Our own tools do not count as others. */
const OWN = 'bilevel'
/** An average precision so far behind the best other tool's is as good. */
const NEAR = 0.03

export function summary(outcomes: readonly Outcome[]): string[] {
  const tools = [...new Set(outcomes.map(({ tool }) => tool))]
  const head = [
    'tool',
    'settings',
    'mean average precision',
    'mean AUROC',
    'mean F1',
    'worst average precision beside the best other',
    `within ${NEAR} of it`,
    'flagged where all is right, mean and most',
    '90 % intervals that hold: flagged, others',
    'calibration error, mean and most: uniform, other noise'
  ]
  return [head, head.map(() => '---'), ...tools.map((tool) => row(tool, outcomes))].map(
    (cells) => `| ${cells.join(' | ')} |`
  )
}

function row(tool: string, outcomes: readonly Outcome[]): string[] {
  const own = outcomes.filter((outcome) => outcome.tool === tool)
  const noisy = own.filter(({ wrong }) => wrong > 0)
  const clean = own.filter(({ wrong }) => wrong === 0).map(({ flags, rows }) => flags / rows)
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const gaps = noisy.map(
    ({ setting, averagePrecision }) => averagePrecision - bestOther(setting, tool, outcomes)
  )
  const held = (at: number): string => {
    const counts = noisy.flatMap((outcome) => outcome.counts?.slice(at, at + 1) ?? [])
    if (counts.length === 0) return '-'
    return percent(mean(counts.map(({ low, high, truth }) => Number(truth >= low && truth <= high))))
  }
  const calibrated = (noise: RegExp): string => {
    const errors = noisy.flatMap(({ setting, calibration }) =>
      noise.test(setting) ? (calibration ?? []) : []
    )
    return errors.length === 0 ? '-' : `${mean(errors).toFixed(3)} (${Math.max(...errors).toFixed(3)})`
  }
  return [
    tool,
    String(noisy.length),
    mean(noisy.map((outcome) => outcome.averagePrecision)).toFixed(3),
    mean(noisy.map((outcome) => outcome.auroc)).toFixed(3),
    mean(noisy.map((outcome) => outcome.f1)).toFixed(3),
    gaps.length === 0 ? '-' : Math.min(...gaps).toFixed(3),
    percent(mean(gaps.map((gap) => Number(gap >= -NEAR)))),
    clean.length === 0 ? '-' : `${percent(mean(clean))}, ${percent(Math.max(...clean))}`,
    `${held(0)}, ${held(1)}`,
    `${calibrated(/ \d+ /)}, ${calibrated(/ (?:\d+\D+|people) /)}`
  ]
}

function bestOther(setting: string, tool: string, outcomes: readonly Outcome[]): number {
  const others = outcomes.filter(
    (outcome) => outcome.setting === setting && outcome.tool !== tool && !outcome.tool.startsWith(OWN)
  )
  return Math.max(0, ...others.map(({ averagePrecision }) => averagePrecision))
}

const BINS = 10

/** Expected calibration error of ten bins (Naeini et al. 2015). @param right probabilities that labels are right */
export function calibrationError(right: Float32Array, wrong: Uint8Array): number {
  const surplus = new Float64Array(BINS)
  right.forEach((p, row) => {
    surplus[Math.min(BINS - 1, Math.floor(BINS * p))]! += 1 - p - wrong[row]!
  })
  return surplus.reduce((sum, one) => sum + Math.abs(one), 0) / right.length
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
