import { Failure } from '../../shared/domain/failure'
import type { BackendChoice, TaskSpec } from '../../shared/domain/task-spec'
import type { Diagnosis, FromWorker, RunPlan, ToWorker } from './protocol'
import { WorkerHost, deathOf } from './worker-host'
import type { Workspace } from './workspace'

/** What runs here and why. Asked in a process of its own: a native library that crashes takes only that down. */
export async function diagnose(backend: BackendChoice = 'auto'): Promise<Diagnosis> {
  const answer = await ask({ type: 'diagnose', backend })
  if (answer.type !== 'diagnosis') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.diagnosis
}

/** @throws Failure that says what is wrong with a spec: references, shapes, classes, model, numbers */
export async function validateSpec(workspace: Workspace, spec: TaskSpec): Promise<RunPlan> {
  const answer = await ask({ type: 'validate', spec, workspace: workspace.dir })
  if (answer.type !== 'valid') throw new Error(`Unexpected answer ${answer.type}.`)
  return answer.plan
}

async function ask(question: ToWorker): Promise<FromWorker> {
  let answer: FromWorker | undefined
  const host = new WorkerHost({
    cwd: process.cwd(),
    onMessage: (message) => {
      answer ??= message
    }
  })
  host.send(question)
  const exit = await host.exited
  if (!answer) throw deathOf(exit, false)
  if (answer.type === 'failed') {
    const { code, sentence, remedy } = answer.failure
    throw new Failure(code as Failure['code'], sentence, remedy)
  }
  return answer
}
