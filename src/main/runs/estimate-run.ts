import { freemem } from 'node:os'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Estimate } from '../../shared/domain/estimate'
import { parseReport } from '../../shared/domain/report'
import type { Report } from '../../shared/domain/report'
import type { TaskSpec } from '../../shared/domain/task-spec'
import type { RunPlan } from './protocol'
import type { RunStore } from './run-store'

const MEBIBYTE = 1024 * 1024
/** Newest runs looked at for one of the same kind. */
const LOOKED_AT = 30

/**
 * Lower steps a second with native TensorFlow on two cores, and how much longer a whole run takes than its
 * bilevel part; measured on MNIST (docs/experiments.md). They serve until a run of the kind has ended here.
 */
const MEASURED: Readonly<Record<string, { rate: number; overhead: number }>> = {
  logistic: { rate: 300, overhead: 2.5 },
  mlp: { rate: 110, overhead: 2 },
  cnn: { rate: 1.5, overhead: 1.6 },
  'cifar-cnn': { rate: 0.8, overhead: 1.6 },
  'svhn-cnn': { rate: 0.8, overhead: 1.6 }
}

/** Memory of a training process before it holds any data. */
const BASE_MIB = 330

/** What a run will likely take: by the last run like it in this workspace, else by measured rates. */
export function estimateRun(store: RunStore, spec: TaskSpec, plan: RunPlan): Estimate {
  const freeMiB = Math.round(freemem() / MEBIBYTE)
  const like = lastLike(store, spec)
  if (like) {
    const { timing, memory, data } = like
    const scale =
      plan.lowerSteps && timing.lowerSteps
        ? plan.lowerSteps / timing.lowerSteps
        : (countOf(plan, 'train') ?? 1) / (numberIn(data, 'train') ?? countOf(plan, 'train') ?? 1)
    return {
      seconds: Math.max(1, Math.round(timing.seconds * scale)),
      memoryMiB: Math.round(memory.peakRssMiB),
      freeMiB,
      basis: `From your last ${spec.task} run with this model, scaled to the steps of this one.`
    }
  }
  const measured = MEASURED[spec.model]
  if (!measured || plan.lowerSteps === null) {
    return {
      seconds: null,
      memoryMiB: null,
      freeMiB,
      basis: 'No run like it has ended here yet; the progress will tell after a few seconds.'
    }
  }
  return {
    seconds: Math.max(5, Math.round((plan.lowerSteps / measured.rate) * measured.overhead)),
    memoryMiB: memoryOf(plan),
    freeMiB,
    basis: 'From rates measured on two cores; it becomes exact after the first run of this kind here.'
  }
}

function lastLike(store: RunStore, spec: TaskSpec): Report | undefined {
  const finished = store
    .list()
    .filter(
      ({ state, spec: other }) =>
        state === 'done' &&
        other.task === spec.task &&
        other.model === spec.model &&
        other.method === spec.method &&
        other.backend === spec.backend
    )
  for (const { outputDir } of finished.slice(0, LOOKED_AT)) {
    const found = readReport(outputDir)
    if (found && found.timing.seconds > 0 && found.stopped !== 'time') return found
  }
  return undefined
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
  const size = plan.data[0]?.shape.reduce((product, side) => product * side, 1) ?? 0
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
