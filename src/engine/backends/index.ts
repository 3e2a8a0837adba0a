import { Failure } from '../../shared/domain/failure'
import type { BackendInfo } from '../../shared/domain/report'
import type { BackendChoice } from '../../shared/domain/task-spec'
import { loadNative } from './native'
import { loadWasm } from './wasm'

export { diagnoseBackends } from './diagnosis'

export interface SelectedBackend {
  readonly info: BackendInfo
  /** One sentence: what runs and why. */
  readonly reason: string
  /** What to do for a faster one, where there is something. */
  readonly faster?: string
}

/**
 * Load a backend: `auto` takes native TensorFlow (on a GPU where it finds one) and else WebAssembly.
 * @throws Failure backend-unavailable when a backend named outright cannot be had
 */
export async function selectBackend(choice: BackendChoice): Promise<SelectedBackend> {
  if (choice === 'wasm') return { info: await loadWasm(), reason: 'WebAssembly, as asked for.' }
  try {
    const info = await loadNative()
    const device = info.device === 'GPU' ? 'on the GPU' : 'on the CPU'
    const asked = choice === 'native' ? 'as asked for' : 'the fastest engine here'
    return { info, reason: `Native TensorFlow ${device}, ${asked}.` }
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0]!.trim() : String(error)
    const remedy = 'Run "npm run install" to provision native TensorFlow; "bilevel doctor" tells more.'
    if (choice === 'native') {
      throw new Failure('backend-unavailable', `Native TensorFlow does not load: ${cause}`, remedy, {
        cause: error
      })
    }
    return {
      info: await loadWasm(),
      reason: `WebAssembly, since native TensorFlow does not load: ${cause}`,
      faster: remedy
    }
  }
}
