import { selectBackend } from '../../../engine/backends'
import type { SelectedBackend } from '../../../engine/backends'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { suitedBackendOf } from './task-table'
import type { Selections } from './task-table'

/** The backend of a run, loaded. */
export async function backendFor(spec: TaskSpec, data: Selections): Promise<SelectedBackend> {
  const suited = spec.backend === 'auto' ? suitedBackendOf(data, spec) : undefined
  if (suited === undefined) return selectBackend(spec.backend)
  return { ...(await selectBackend(suited)), reason: 'WebAssembly, which suits a run of this size best.' }
}
