import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import type { WasmBackend } from './wasm-backend'

const replacements = new WeakSet<KernelConfig>()

/**
 * tfjs packs the right factor of a product once and finds it again by its data alone. The same data as a matrix of
 * another shape, e.g. a vector of parameters times itself after its use as a layer's weights, then gets the product
 * of the first shape: a wrong value, written beyond the end of the result. Here such a factor is copied first.
 */
export function guardMatrixWeights(backendName: string): void {
  const packed = new WeakMap<object, string>()
  for (const name of ['BatchMatMul', '_FusedMatMul']) {
    const faulty = getKernel(name, backendName)
    if (!faulty || replacements.has(faulty)) continue
    unregisterKernel(name, backendName)
    const replacement: KernelConfig = {
      ...faulty,
      kernelFunc: (call) => {
        const { b } = call.inputs as { b: TensorInfo }
        const form = formOf(b, call.attrs)
        const known = packed.get(b.dataId)
        if (known === undefined || known === form) {
          packed.set(b.dataId, form)
          return faulty.kernelFunc(call)
        }
        const wasm = call.backend as WasmBackend
        const copy = wasm.makeOutput(b.shape, b.dtype)
        wasm.typedArrayFromHeap(copy).set(wasm.typedArrayFromHeap(b))
        const product = faulty.kernelFunc({ ...call, inputs: { ...call.inputs, b: copy } })
        wasm.disposeData(copy.dataId)
        return product
      }
    }
    registerKernel(replacement)
    replacements.add(replacement)
  }
}

/** What the packing depends on. */
function formOf({ shape }: TensorInfo, attributes: NamedAttrMap | undefined): string {
  return `${shape.join()} ${attributes?.['transposeA'] === true} ${attributes?.['transposeB'] === true}`
}
