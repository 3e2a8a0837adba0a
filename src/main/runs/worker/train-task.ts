import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { memory } from '@tensorflow/tfjs-core'
import type { SelectedBackend } from '../../../engine/backends'
import type { Checkpoint, Solved, TaskRun } from '../../../engine/tasks/shared/task-run'
import { badInput, Failure } from '../../../shared/domain/failure'
import { featuresProposal } from '../../../shared/domain/features-choice'
import type { BackendInfo, Report } from '../../../shared/domain/report'
import type { RunEvent } from '../../../shared/domain/run-event'
import type { TaskName, TaskSpec } from '../../../shared/domain/task-spec'
import { fileFailure } from '../../datasets'
import { ProcessLock } from '../../locks'
import { LOG_FILE, workerLockOf } from '../protocol'
import type { FromWorker, ToWorker } from '../protocol'
import { backendFor } from './backend-for'
import { readCheckpoint, writeCheckpoint } from './checkpoint-files'
import { openInputs } from './open-inputs'
import type { Inputs } from './open-inputs'
import { afterFeatures, computeFeatures, describeFeatures } from './run-features'
import { importWarnings } from './import-warnings'
import { poisonWarnings } from './poison-warnings'
import type { RunControl } from './run-control'
import type { DataOf, Order, Written } from './task'
import { checkTask, taskOf, warningsOf } from './task-table'
import { cutLog } from './cut-log'
import { EventBatch } from './event-batch'
import { RunLog } from './run-log'
import { writeAtomically } from '../../files/write-atomically'

export type Start = Extract<ToWorker, { type: 'start' }> & {
  /** No other process can write there, so no lock is needed: not every shared disk has one. */
  readonly isAlone?: boolean
}

const MEBIBYTE = 1024 * 1024
/** Folders of a run's results that are made in one step. */
const EXPORTED = ['cleaned', 'poisoned', 'benchmark', 'defence']

/**
 * Train one run from opened data to report.json, which is written last: where it exists, the rest is complete.
 * @throws Failure; RunPaused
 */
export async function trainTask(
  order: Start,
  control: RunControl,
  tell: (message: FromWorker) => void
): Promise<Report> {
  const { spec, outputDir } = order
  const lock = order.isAlone ? undefined : takeLock(order)
  const inputs = await openInputs(spec, order.workspace)
  try {
    await checkTask(inputs.selections, spec)
    const backend = await backendFor(spec, inputs.selections)
    const restored = order.resume ? await readCheckpoint(order.checkpointDir) : undefined
    tell({
      type: 'ready',
      backend: backend.info,
      reason: backend.reason,
      ...(order.resume ? { resumedAt: restored?.seconds ?? 0 } : {})
    })
    await prepareOutput(outputDir, order.resume)
    const logFile = path.join(outputDir, LOG_FILE)
    if (order.resume) await cutLog(logFile, restored?.seconds ?? 0)
    control.begin(spec.maxSeconds, restored?.seconds ?? 0)
    const reporting = reportingRun(order, control, tell, restored?.checkpoint)
    try {
      const warnings = [
        ...slowerEngine(backend),
        ...poisonWarnings(inputs.examples),
        ...importWarnings(inputs.examples),
        ...warningsOf(inputs.selections, spec)
      ]
      for (const message of warnings) {
        const seconds = control.seconds()
        reporting.run.emit({ type: 'log', level: 'warning', message: `WARNING: ${message}`, seconds })
      }
      const outcome = await train({ inputs, spec, run: reporting.run, outputDir }, control)
      const report = reportOf(spec, outcome, backend.info, {
        warnings,
        seconds: control.seconds(),
        tensorBytes: reporting.peakTensorBytes()
      })
      const { stringify } = await import('yaml')
      await writeAtomically(path.join(outputDir, 'spec.yaml'), stringify(spec))
      await writeAtomically(path.join(outputDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
      await rm(order.checkpointDir, { recursive: true, force: true })
      return report
    } finally {
      reporting.close()
    }
  } catch (error) {
    throw fileFailure(error, outputDir)
  } finally {
    inputs.close()
    lock?.release()
  }
}

/** Features first, where they are not there yet; then the task. */
async function train(
  { inputs, spec, run, outputDir }: Pick<Order<TaskName>, 'spec' | 'run' | 'outputDir'> & { inputs: Inputs },
  control: RunControl
): Promise<Solved & Written<TaskName>> {
  const { features } = inputs
  const isComputing = features !== undefined && features.missing > 0
  if (features) await computeFeatures(features, control, (event) => run.emit(event))
  const outcome = await taskOf(spec).trainAndWrite({
    data: inputs.selections as DataOf<TaskName>,
    examples: inputs.examples as DataOf<TaskName>,
    features: features?.selections,
    spec,
    run: isComputing ? afterFeatures(run) : run,
    outputDir
  })
  if (!features) {
    const proposal = featuresProposal(spec, Object.values(inputs.examples)[0]?.shape ?? [])
    return proposal === undefined ? outcome : { ...outcome, advice: [...outcome.advice, proposal] }
  }
  return { ...outcome, data: { ...outcome.data, features: describeFeatures(features) } }
}

/** Said of a run that takes another engine than wanted; why, the run's first line tells. */
function slowerEngine({ faster }: SelectedBackend): string[] {
  if (faster === undefined) return []
  const sentence =
    'Trained with WebAssembly: several times slower than native TensorFlow, and with the same seed'
  return [`${sentence} its numbers are a little different. ${faster}`]
}

/** What a task sees of this process: its events go into the log and to the owner, its checkpoints into their folder. */
function reportingRun(
  { spec, outputDir, checkpointDir }: Start,
  control: RunControl,
  tell: (message: FromWorker) => void,
  restored: Checkpoint | undefined
): { run: TaskRun; peakTensorBytes: () => number; close: () => void } {
  const log = new RunLog(path.join(outputDir, LOG_FILE))
  const batch = new EventBatch((events) => {
    try {
      log.append(events)
    } catch (error) {
      control.fail(fileFailure(error, log.file))
    }
    tell({ type: 'events', events: [...events] })
  })
  let peakTensorBytes = 0
  const run: TaskRun = {
    emit: (event: RunEvent) => {
      const inStep = event.type === 'metric' ? (event.tensorBytes ?? 0) : 0
      peakTensorBytes = Math.max(peakTensorBytes, memory().numBytes, inStep)
      batch.add(event)
    },
    poll: () => control.poll(),
    seconds: () => control.seconds(),
    ...(spec.maxSeconds !== undefined && { limit: control }),
    restored,
    saveCheckpoint: async (checkpoint) => {
      // What was told before it must outlive the process as the checkpoint does.
      batch.flush()
      log.sync()
      await writeCheckpoint(checkpointDir, checkpoint, control.seconds())
      tell({ type: 'checkpoint' })
    }
  }
  const close = (): void => {
    batch.flush()
    log.close()
  }
  return { run, peakTensorBytes: () => peakTensorBytes, close }
}

/** report.json: what the task says of its result, and what is the same for all tasks. */
function reportOf(
  spec: TaskSpec,
  outcome: Solved & Written<TaskName>,
  backend: BackendInfo,
  cost: { readonly warnings: readonly string[]; readonly seconds: number; readonly tensorBytes: number }
): Report {
  const { stopped, data, metrics, upperSteps, lowerSteps, solverSeconds } = outcome
  const { task, method, model, seed } = spec
  const report = {
    schema: 1,
    task,
    method,
    model,
    seed,
    stopped,
    backend,
    data,
    metrics,
    timing: {
      seconds: round(cost.seconds),
      upperSteps,
      lowerSteps,
      lowerStepsPerSecond: round(lowerSteps / Math.max(solverSeconds, 1e-3))
    },
    memory: {
      // maxRSS is in KiB.
      peakRssMiB: round(process.resourceUsage().maxRSS / 1024),
      peakTensorMiB: round(cost.tensorBytes / MEBIBYTE)
    },
    advice: [...cost.warnings, ...outcome.advice],
    spec
  }
  return report as Report
}

/** @throws Failure conflict while an earlier training process of the run still writes */
function takeLock({ checkpointDir, runId }: Start): ProcessLock {
  const lock = ProcessLock.take(workerLockOf(checkpointDir))
  if (lock) return lock
  throw new Failure(
    'conflict',
    `Another process still trains run ${runId}.`,
    'Wait until it has written its checkpoint, then continue the run.'
  )
}

async function prepareOutput(outputDir: string, resumed: boolean): Promise<void> {
  const present = await readdir(outputDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw badInput(
      `The output folder ${outputDir} cannot be used.`,
      'Make it writable, or name another (--out).',
      error
    )
  })
  if (present.length > 0 && !resumed) {
    throw badInput(`The output folder ${outputDir} is not empty.`, 'Empty it, or name a new one (--out).')
  }
  await mkdir(outputDir, { recursive: true })
  // Written whole at the end of a run: what an interrupted end left would be in the way of the next.
  for (const name of resumed ? EXPORTED : [])
    await rm(path.join(outputDir, name), { recursive: true, force: true })
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
