import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { memory } from '@tensorflow/tfjs-core'
import { stringify } from 'yaml'
import { selectBackend } from '../../../engine/backends'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import { badInput, Failure } from '../../../shared/domain/failure'
import type { Report } from '../../../shared/domain/report'
import type { RunEvent } from '../../../shared/domain/run-event'
import { fileFailure } from '../../datasets'
import { ProcessLock } from '../../locks'
import { LOG_FILE, workerLockOf } from '../protocol'
import type { FromWorker, ToWorker } from '../protocol'
import { readCheckpoint, writeCheckpoint } from './checkpoint-files'
import { openInputs } from './open-inputs'
import { importWarnings } from './import-warnings'
import { poisonWarnings } from './poison-warnings'
import type { RunControl } from './run-control'
import { TASKS } from './task-table'
import { cutLog } from './cut-log'
import { EventBatch } from './event-batch'
import { RunLog } from './run-log'
import { writeWhole } from '../../files/write-whole'

type Start = Extract<ToWorker, { type: 'start' }>

const MEBIBYTE = 1024 * 1024
/** Folders of a run's results that are made in one step. */
const EXPORTED = ['cleaned', 'poisoned', 'benchmark', 'defence']

/**
 * One run from opened data to report.json, which is written last: where it exists, the rest is complete.
 * @throws Failure; RunPaused
 */
export async function performRun(
  order: Start,
  control: RunControl,
  tell: (message: FromWorker) => void
): Promise<Report> {
  const { spec, outputDir } = order
  const lock = takeLock(order)
  const inputs = await openInputs(spec, order.workspace)
  try {
    await TASKS[spec.task].check(inputs.selections, spec)
    const suited = spec.backend === 'auto' ? TASKS[spec.task].engine : undefined
    const backend = await selectBackend(suited ?? spec.backend)
    const restored = order.resume ? await readCheckpoint(order.checkpointDir) : undefined
    tell({
      type: 'ready',
      backend: backend.info,
      reason: suited ? 'WebAssembly, which suits this task best.' : backend.reason,
      ...(order.resume ? { resumedAt: restored?.seconds ?? 0 } : {})
    })
    await prepareOutput(outputDir, order.resume)
    const logFile = path.join(outputDir, LOG_FILE)
    if (order.resume) await cutLog(logFile, restored?.seconds ?? 0)
    const log = new RunLog(logFile)
    control.begin(spec.maxSeconds, restored?.seconds ?? 0)
    const batch = new EventBatch((events) => {
      try {
        log.append(events)
      } catch (error) {
        control.fail(fileFailure(error, logFile))
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
      restored: restored?.checkpoint,
      saveCheckpoint: async (checkpoint) => {
        // What was told before it must outlive the process as the checkpoint does.
        batch.flush()
        log.sync()
        await writeCheckpoint(order.checkpointDir, checkpoint, control.seconds())
        tell({ type: 'checkpoint' })
      }
    }
    const warnings = [...poisonWarnings(inputs.selections), ...importWarnings(inputs.selections)]
    for (const message of warnings) {
      run.emit({ type: 'log', level: 'warning', message: `WARNING: ${message}`, seconds: control.seconds() })
    }
    try {
      const outcome = await TASKS[spec.task].perform(inputs.selections, spec, run, outputDir)
      const seconds = control.seconds()
      const report: Report = {
        schema: 1,
        task: spec.task,
        method: spec.method,
        model: spec.model,
        seed: spec.seed,
        stopped: outcome.stopped,
        backend: backend.info,
        data: outcome.data,
        metrics: outcome.metrics,
        timing: {
          seconds: round(seconds),
          upperSteps: outcome.upperSteps,
          lowerSteps: outcome.lowerSteps,
          lowerStepsPerSecond: round(outcome.lowerSteps / Math.max(outcome.solverSeconds ?? seconds, 1e-3))
        },
        memory: {
          // maxRSS is in KiB.
          peakRssMiB: round(process.resourceUsage().maxRSS / 1024),
          peakTensorMiB: round(peakTensorBytes / MEBIBYTE)
        },
        advice: [...warnings, ...outcome.advice],
        spec
      }
      await writeWhole(path.join(outputDir, 'spec.yaml'), stringify(spec))
      await writeWhole(path.join(outputDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
      await rm(order.checkpointDir, { recursive: true, force: true })
      return report
    } finally {
      batch.flush()
      log.close()
    }
  } catch (error) {
    throw fileFailure(error, outputDir)
  } finally {
    inputs.close()
    lock.release()
  }
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
