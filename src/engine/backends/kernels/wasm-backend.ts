import type { TensorInfo } from '@tensorflow/tfjs-core'

/** The part of tfjs's WebAssembly backend class that kernels of our own use (4.22: backend_wasm.ts). */
export interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: string): TensorInfo
  typedArrayFromHeap(tensor: TensorInfo): Float32Array
  disposeData(dataId: object): boolean
}
