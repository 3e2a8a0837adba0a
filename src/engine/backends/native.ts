import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import type { BackendInfo } from '../../shared/domain/report'

const require = createRequire(import.meta.url)

/** The part of tfjs-node-gpu that is used here; its own types pull in a second copy of tfjs. */
interface NativeModule {
  readonly version: { readonly 'tfjs-node': string }
  backend(): { readonly isUsingGpuDevice: boolean; readonly binding: { readonly TF_Version: string } }
}

/**
 * Native TensorFlow through tfjs-node. @throws when it is not provisioned or does not load
 */
export function loadNative(): BackendInfo {
  restoreUtilFunctions()
  // TensorFlow's own notices (oneDNN, CPU features) are no news to a user; its errors are.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  const tf = require('@tensorflow/tfjs-node-gpu') as NativeModule
  const { isUsingGpuDevice, binding } = tf.backend()
  return {
    name: 'native',
    version: `TensorFlow ${binding.TF_Version}, tfjs-node ${tf.version['tfjs-node']}`,
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
