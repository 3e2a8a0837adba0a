import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { BackendChoice, TaskSpec } from '../../shared/domain/task-spec'
import type { Diagnosis, FromWorker, RunPlan, ToWorker } from './protocol'
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
    path.join(workspace.dir, 'logs', 'check.log')
  )
  if (answer.type !== 'valid') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.plan
}

/** @param log file for what a process that died has written */
async function ask(question: ToWorker, log?: string): Promise<FromWorker> {
  let answer: FromWorker | undefined
  const host = new WorkerHost({
    cwd: process.cwd(),
    onMessage: (message) => {
      answer ??= message
    }
  })
  host.send(question)
  const exit = await host.exited
  if (!answer) throw deathOf(exit, { log })
  if (answer.type === 'failed') {
    const { code, sentence, remedy } = answer.failure
    throw new Failure(code as Failure['code'], sentence, remedy)
  }
  return answer
}
