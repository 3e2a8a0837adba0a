import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { ready, setBackend } from '@tensorflow/tfjs-core'
import type { BackendInfo } from '../../shared/domain/report'
import { registerWasmKernels } from './wasm-kernels'

const require = createRequire(import.meta.url)

/** WebAssembly with SIMD and threads where the runtime has them: the fallback that always installs. */
export async function loadWasm(): Promise<BackendInfo> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${path.sep}`)
  await setBackend('wasm')
  await ready()
  registerWasmKernels()
  return {
    name: 'wasm',
    version: `tfjs-backend-wasm ${wasm.version_wasm}`,
    device: 'CPU',
    threads: availableParallelism()
  }
}
