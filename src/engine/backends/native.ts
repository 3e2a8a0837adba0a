import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { backend, setBackend } from '@tensorflow/tfjs-core'
import type { BackendInfo } from '../../shared/domain/report'
import { registerKernels } from './kernels/register-kernels'

const require = createRequire(import.meta.url)

/** The part of tfjs-node-gpu that is used here; its own types pull in a second copy of tfjs. */
interface NativeModule {
  readonly version: { readonly 'tfjs-node': string }
}

interface NativeBackend {
  readonly isUsingGpuDevice: boolean
  readonly binding: { readonly TF_Version: string }
}

/** tfjs-node's name of its backend. */
const NAME = 'tensorflow'

/**
 * Native TensorFlow through tfjs-node. It registers itself with the tfjs-core that the engine imports: tfjs
 * keeps its engine and its registries on globalThis, however many copies of the module are loaded.
 * @throws when it is not provisioned or does not load
 */
export async function loadNative(): Promise<BackendInfo> {
  restoreUtilFunctions()
  // TensorFlow's own notices (CPU features) are no news to a user; its errors are. One line about oneDNN comes
  // before TensorFlow reads this.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  // Else TensorFlow takes all of a card's memory at once.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  const { version } = require('@tensorflow/tfjs-node-gpu') as NativeModule
  await setBackend(NAME)
  registerKernels(NAME)
  const { isUsingGpuDevice, binding } = backend() as unknown as NativeBackend
  return {
    name: 'native',
    version: `TensorFlow ${binding.TF_Version}, tfjs-node ${version['tfjs-node']}`,
    device: isUsingGpuDevice ? 'GPU' : 'CPU',
    threads: availableParallelism()
  }
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 removed. */
function restoreUtilFunctions(): void {
  const util = require('node:util') as Record<string, unknown>
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined
  util['isArray'] ??= Array.isArray
}
