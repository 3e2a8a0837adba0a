import { diagnoseBackends, selectBackend } from '../../../engine/backends'
import { failureData } from '../../../shared/domain/failure'
import type { BackendChoice } from '../../../shared/domain/task-spec'
import type { Diagnosis } from '../protocol'

/** Load the backend a run would take, and tell all that is known about the others. */
export async function diagnoseHere(choice: BackendChoice): Promise<Diagnosis> {
  const findings = [...(await diagnoseBackends())]
  try {
    const { info, reason, faster } = await selectBackend(choice)
    return { findings, chosen: { info, reason, faster }, failure: null }
  } catch (error) {
    return { findings, chosen: null, failure: failureData(error) }
  }
}
