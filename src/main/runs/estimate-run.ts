import { freemem } from 'node:os'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Estimate } from '../../shared/domain/estimate'
import { parseReport } from '../../shared/domain/report'
import type { Report } from '../../shared/domain/report'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { duration } from '../../shared/words/numbers'
import type { RunPlan } from './protocol'
import type { RunStore } from './run-store'

const MEBIBYTE = 1024 * 1024
/** Newest runs of the same kind that are looked at. */
const LOOKED_AT = 30

/** Seconds that a run takes beside its training: its process, reading, writing. */
const BESIDE = 2
/** Values of a picture of MNIST. */
const MEASURED_SIZE = 784
/** Smaller inputs are no faster: what each step costs besides takes over. */
const LEAST_SIZE = 256

/** How far off an estimate may be: of a run like it, of one of another size, of the measured rates. */
const LIKE = { low: 0.7, high: 1.5 }
const UNLIKE = { low: 0.4, high: 2.5 }
const TABULATED = { low: 0.5, high: 2.5 }
/** Beyond this a run is of another size. */
const SIMILAR = 1.5
/** Beyond this it tells nothing: what it spent outside of its steps does not scale with them. */
const COMPARABLE = 12

/** Memory of a training process before it holds any data. */
const BASE_MIB = 330

/** What a run will likely take: by the last run like it in this workspace, else by measured rates. */
export function estimateRun(store: RunStore, spec: TaskSpec, plan: RunPlan): Estimate {
  const freeMiB = Math.round(freemem() / MEBIBYTE)
  const like = mostAlike(store, spec, plan)
  if (like) {
    const { report, ratios } = like
    const isLike = distance(ratios) < Math.log(SIMILAR)
    const { seconds, words } = limited(report.timing.seconds * ratios.steps * ratios.size, spec)
    return {
      ...forecast(seconds, isLike ? LIKE : UNLIKE),
      memoryMiB: Math.round(report.memory.peakRssMiB),
      freeMiB,
      basis: isLike
        ? `From a run of this kind with this model, on data of this size.${words}`
        : `From a run of this kind with this model, scaled to the size of this data.${words}`
    }
  }
  if (plan.seconds === undefined) {
    return {
      seconds: null,
      range: null,
      memoryMiB: null,
      freeMiB,
      basis:
        spec.maxSeconds === undefined
          ? 'No run like it has ended here yet; the progress will tell after a few seconds.'
          : `No run like it has ended here yet. It ends after about ${duration(spec.maxSeconds)}, with the best it has.`
    }
  }
  const { seconds, words } = limited(BESIDE + plan.seconds, spec)
  return {
    ...forecast(seconds, TABULATED),
    memoryMiB: memoryOf(plan),
    freeMiB,
    basis:
      'Not measured on this machine yet: from rates measured on two cores. The first run of this kind here narrows it.' +
      words
  }
}

/** Seconds that a run takes under its time limit. */
function limited(
  seconds: number,
  { maxSeconds = Infinity }: TaskSpec
): { readonly seconds: number; readonly words: string } {
  if (maxSeconds >= seconds) return { seconds, words: '' }
  return { seconds: maxSeconds, words: ' The time limit ends it about then, with the best it has.' }
}

/** How much more work a run is than an earlier one. */
interface Ratios {
  readonly steps: number
  readonly size: number
  readonly examples: number
}

/** The finished run whose work was most like this one's; none where all were of another order. */
function mostAlike(
  store: RunStore,
  spec: TaskSpec,
  plan: RunPlan
): { readonly report: Report; readonly ratios: Ratios } | undefined {
  const finished = store
    .list()
    .filter(
      ({ state, spec: other }) =>
        state === 'done' &&
        other.task === spec.task &&
        other.model === spec.model &&
        other.method === spec.method &&
        other.backend === spec.backend &&
        kindOf(other) === kindOf(spec)
    )
  const reports = finished.slice(0, LOOKED_AT).flatMap(({ outputDir }) => readReport(outputDir) ?? [])
  const [closest] = reports
    .filter(({ timing, stopped }) => timing.seconds > 0 && stopped !== 'time')
    .map((report) => ({ report, ratios: ratiosOf(report, plan) }))
    .sort((a, b) => distance(a.ratios) - distance(b.ratios))
  return closest && distance(closest.ratios) < Math.log(COMPARABLE) ? closest : undefined
}

function ratiosOf({ timing, data }: Report, plan: RunPlan): Ratios {
  const count = countOf(plan, 'train') ?? 1
  const examples = count / (numberIn(data, 'train') ?? count)
  const steps = plan.lowerSteps && timing.lowerSteps ? plan.lowerSteps / timing.lowerSteps : examples
  return { steps, size: costOf(sizeOf(plan)) / costOf(sizeIn(data) ?? sizeOf(plan)), examples }
}

/** The largest of them, up or down, as a logarithm. */
function distance({ steps, size, examples }: Ratios): number {
  return Math.max(...[steps, size, examples].map((ratio) => Math.abs(Math.log(ratio))))
}

/** Runs that do different work: on features or on the data as they are, with trusted examples or without. */
function kindOf(spec: TaskSpec): string {
  const { features = 'data', trusted } = spec as { readonly features?: string; readonly trusted?: unknown }
  return `${features} ${trusted === false}`
}

function forecast(
  seconds: number,
  { low, high }: { readonly low: number; readonly high: number }
): Pick<Estimate, 'seconds' | 'range'> {
  const rounded = (value: number): number => Math.max(1, Math.round(value))
  return { seconds: rounded(seconds), range: { low: rounded(low * seconds), high: rounded(high * seconds) } }
}

/** What a step costs by the values of an example. */
function costOf(size: number): number {
  return Math.max(LEAST_SIZE, size)
}

/** Values of an example. */
function sizeOf({ data }: RunPlan): number {
  return data[0]?.shape.reduce((product, side) => product * side, 1) ?? MEASURED_SIZE
}

function sizeIn(data: Record<string, unknown>): number | undefined {
  const { shape } = data
  return Array.isArray(shape) && shape.every((side): side is number => typeof side === 'number')
    ? shape.reduce((product, side) => product * side, 1)
    : undefined
}

/** report.json of a run's folder; undefined when there is none. */
export function readReport(outputDir: string): Report | undefined {
  try {
    return parseReport(JSON.parse(readFileSync(path.join(outputDir, 'report.json'), 'utf8')))
  } catch {
    return undefined
  }
}

function memoryOf(plan: RunPlan): number {
  const size = sizeOf(plan)
  const examples = plan.data.reduce((sum, { count }) => sum + count, 0)
  const resident =
    (Math.min(examples * size * 4, 256 * MEBIBYTE) + (plan.parameters ?? 0) * 4 * 12) / MEBIBYTE
  return Math.round(BASE_MIB + resident)
}

function countOf(plan: RunPlan, role: string): number | undefined {
  return plan.data.find((entry) => entry.role === role)?.count
}

function numberIn(data: Record<string, unknown>, field: string): number | undefined {
  const value = data[field]
  return typeof value === 'number' ? value : undefined
}
