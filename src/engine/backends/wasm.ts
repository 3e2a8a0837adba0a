import { createRequire } from 'node:module'
import path from 'node:path'
import { ready, setBackend } from '@tensorflow/tfjs-core'
import type { BackendInfo } from '../../shared/domain/report'
import { registerKernels } from './kernels/register-kernels'

const require = createRequire(import.meta.url)

/**
 * WebAssembly with SIMD: the fallback that always installs. One thread: tfjs leaves its threaded build to
 * browsers, and cannot begin its threads in Node (docs/backends.md).
 */
export async function loadWasm(): Promise<BackendInfo> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${path.sep}`)
  await setBackend('wasm')
  await ready()
  registerKernels('wasm')
  return {
    name: 'wasm',
    version: `tfjs-backend-wasm ${wasm.version_wasm}`,
    device: 'CPU',
    threads: 1
  }
}
