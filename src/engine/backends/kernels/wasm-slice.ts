import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core'
import type { WasmBackend } from './wasm-backend'

const replacements = new WeakSet<KernelConfig>()

/**
 * tfjs's own kernel copies the whole tensor out of WebAssembly's memory to take a part of it, some milliseconds for a
 * network's parameters. Rows that lie together are copied within it; other slices are left to that kernel.
 */
export function replaceSlice(backendName: string): void {
  const slow = getKernel('Slice', backendName)
  if (!slow || replacements.has(slow)) return
  unregisterKernel('Slice', backendName)
  const replacement: KernelConfig = {
    kernelName: 'Slice',
    backendName,
    kernelFunc: (call) => {
      const x = (call.inputs as Record<string, TensorInfo>)['x']!
      const { begin, size } = call.attrs as { begin: number | number[]; size: number | number[] }
      const rows = rowsOf(x, [begin].flat(), [size].flat())
      if (!rows || x.dtype !== 'float32') return slow.kernelFunc(call)
      const wasm = call.backend as WasmBackend
      const out = wasm.makeOutput(rows.shape, x.dtype)
      // The views are made now: making the output may have moved the memory.
      wasm.typedArrayFromHeap(out).set(wasm.typedArrayFromHeap(x).subarray(rows.from, rows.to))
      return out
    }
  }
  registerKernel(replacement)
  replacements.add(replacement)
}

/** Where a slice lies that takes all of every axis but the first; undefined for others. */
function rowsOf(
  { shape }: TensorInfo,
  begin: readonly number[],
  size: readonly number[]
): { shape: number[]; from: number; to: number } | undefined {
  const [first = 0] = begin
  const [length = -1] = size
  const isComplete = shape
    .slice(1)
    .every((side, i) => (begin[i + 1] ?? 0) === 0 && [-1, side].includes(size[i + 1] ?? -1))
  if (!isComplete || shape.length === 0) return undefined
  const rows = length === -1 ? shape[0]! - first : length
  if (first < 0 || rows < 1 || first + rows > shape[0]!) return undefined
  const each = shape.slice(1).reduce((product, side) => product * side, 1)
  return { shape: [rows, ...shape.slice(1)], from: first * each, to: (first + rows) * each }
}
