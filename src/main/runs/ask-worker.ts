import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { BackendChoice, TaskSpec } from '../../shared/domain/task-spec'
import type { Diagnosis, FromWorker, LocatedData, RunPlan, ToWorker } from './protocol'
import type { ProgramEnd } from '../processes'
import { deathOf } from './worker-death'
import { WorkerHost } from './worker-host'
import type { Workspace } from './workspace'

/** What runs here and why. Asked in a process of its own: a native library that crashes takes only that down. */
export async function diagnose(backend: BackendChoice = 'auto'): Promise<Diagnosis> {
  const answer = await ask({ type: 'diagnose', backend })
  if (answer.type !== 'diagnosis') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.diagnosis
}

/** @throws Failure that says what is wrong with a spec: references, shapes, classes, model, numbers */
export async function validateSpec(workspace: Workspace, spec: TaskSpec): Promise<RunPlan> {
  const answer = await ask(
    { type: 'validate', spec, workspace: workspace.dir },
    { log: path.join(workspace.dir, 'logs', 'check.log') }
  )
  if (answer.type !== 'valid') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.plan
}

/** A process to train in, started before it is known what: it loads the product meanwhile. */
export function startWorker(cwd = process.cwd()): WorkerHost {
  return new WorkerHost({ cwd, onMessage: () => undefined })
}

/**
 * The same, by the process that is to train it: it waits for its start, or to be killed. One process less is started.
 * @throws Failure as {@link validateSpec} does; the process has ended then
 */
export async function validateToTrain(workspace: Workspace, spec: TaskSpec, host: WorkerHost): Promise<void> {
  const first = firstAnswer(host, { type: 'validate', spec, workspace: workspace.dir, stays: true })
  const answer = await Promise.race([first, host.exited.then(() => undefined)])
  if (answer?.type === 'valid') return
  throw failureOf(answer, await host.exited, path.join(workspace.dir, 'logs', 'check.log'))
}

/** Where the data that a spec's pins name lie. @param cwd that its paths are relative to. @throws Failure where it is not what it was */
export async function locateData(workspace: Workspace, spec: TaskSpec, cwd: string): Promise<LocatedData[]> {
  const answer = await ask({ type: 'locate', spec, workspace: workspace.dir }, { cwd })
  if (answer.type !== 'located') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.data
}

/** @param options.log file for what a process that died has written */
async function ask(
  question: ToWorker,
  { log, cwd }: { log?: string; cwd?: string } = {}
): Promise<FromWorker> {
  const host = startWorker(cwd)
  const first = firstAnswer(host, question)
  const exit = await host.exited
  const answer = await Promise.race([first, Promise.resolve(undefined)])
  if (answer && answer.type !== 'failed') return answer
  throw failureOf(answer, exit, log)
}

/** What it says first. */
function firstAnswer(host: WorkerHost, question: ToWorker): Promise<FromWorker> {
  const first = new Promise<FromWorker>((resolve) => host.tell(resolve))
  host.send(question)
  return first
}

/** Why there is no answer: what the process said of it, or how it died. */
function failureOf(answer: FromWorker | undefined, exit: ProgramEnd, log: string | undefined): Failure {
  if (answer?.type !== 'failed') return deathOf(exit, { log })
  const { code, sentence, remedy } = answer.failure
  return new Failure(code as Failure['code'], sentence, remedy)
}
