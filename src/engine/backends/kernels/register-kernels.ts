import { getKernel, registerKernel, tidy, unregisterKernel } from '@tensorflow/tfjs-core'
import type { KernelConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'
import { reluGradient, sigmoidGradient, tanhGradient } from './activation-gradients'
import { adamDescent } from './adam-descent'
import { adamStep } from './adam-step'
import { biasGradient } from './bias-gradient'
import { convolution, convolutionOfInput, convolutionOfKernel } from './convolution'
import { convolutionInputGradient } from './convolution-input-gradient'
import { convolutionKernelGradient } from './convolution-kernel-gradient'
import { dropoutMask } from './dropout-mask'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import { matrixProduct } from './matrix-product'
import { maxPoolPick, maxPoolSpread, maxPoolWinners } from './max-pool-winners'
import { NativeOps } from './native-ops'
import { softmaxCrossEntropy } from './softmax-cross-entropy'
import { guardMatrixWeights } from './wasm-matrix-weights'
import { replaceSlice } from './wasm-slice'

/** Every kernel of our own; docs/backends.md lists names, inputs and outputs. */
export const FUSED_KERNELS: readonly FusedKernel[] = [
  reluGradient,
  tanhGradient,
  sigmoidGradient,
  biasGradient,
  softmaxCrossEntropy,
  maxPoolWinners,
  maxPoolPick,
  maxPoolSpread,
  matrixProduct,
  convolution,
  convolutionOfKernel,
  convolutionOfInput,
  dropoutMask,
  adamStep,
  adamDescent
]

/** Largest deviation, relative to the largest entry, at which a native kernel is still the composed one. */
const TOLERANCE = 1e-4

/**
 * Give a backend, the current one, the kernels that tfjs lacks for it. A native kernel that this TensorFlow or
 * this device refuses, or that computes something else, is replaced by its composition: they are compared when a kernel is
 * first run, since a run uses few of them.
 */
export function registerKernels(backendName: 'tensorflow' | 'wasm' | 'cpu'): void {
  if (!getKernel('Conv2DBackpropFilter', backendName)) {
    register('Conv2DBackpropFilter', backendName, (inputs, attributes) => [
      convolutionKernelGradient(inputs, attributes)
    ])
  }
  if (backendName === 'wasm') {
    replaceSlice(backendName)
    guardMatrixWeights(backendName)
    replaceInputGradient(backendName)
  }
  const natives = backendName === 'tensorflow' ? new NativeKernels(new NativeOps()) : undefined
  for (const kernel of FUSED_KERNELS) {
    // Loading a backend twice is no mistake (the tests do); tfjs would warn of each name.
    if (getKernel(kernel.name, backendName)) continue
    register(kernel.name, backendName, (inputs, attributes) =>
      natives?.trusts(kernel)
        ? kernel.native!(natives.ops, inputs, attributes)
        : kernel.composed(inputs, attributes)
    )
  }
}

/** Which native kernels are trusted, found out when it is asked. */
class NativeKernels {
  readonly #trusted = new Map<FusedKernel, boolean>()

  constructor(readonly ops: NativeOps) {}

  trusts(kernel: FusedKernel): boolean {
    return this.#trusted.get(kernel) ?? this.#compare(kernel)
  }

  #compare(kernel: FusedKernel): boolean {
    const first = kernel.takes?.from ?? kernel
    const together = FUSED_KERNELS.filter((other) => other === first || other.takes?.from === first)
    // Whoever watches the ops of a step is not to see these.
    const trusted = this.ops.unwatched(() => trustedKernels(this.ops, together))
    for (const each of together) this.#trusted.set(each, trusted.has(each))
    return trusted.has(kernel)
  }
}

/** The names of native kernels that this machine's TensorFlow, the current backend, refuses or computes differently. */
export function distrustedKernels(): string[] {
  const trusted = trustedKernels(new NativeOps(), FUSED_KERNELS)
  return FUSED_KERNELS.filter((kernel) => kernel.native && !trusted.has(kernel)).map(({ name }) => name)
}

function replaceInputGradient(backendName: string): void {
  const name = 'Conv2DBackpropInput'
  const slow = getKernel(name, backendName)
  if (!slow || replacements.has(slow)) return
  unregisterKernel(name, backendName)
  const replacement: KernelConfig = {
    kernelName: name,
    backendName,
    kernelFunc: (call) => {
      const inputs = call.inputs as Record<string, Tensor>
      return tidy(() => convolutionInputGradient(inputs, call.attrs ?? {})) ?? slow.kernelFunc(call)
    }
  }
  registerKernel(replacement)
  replacements.add(replacement)
}

/** Loading the backend twice must not wrap the kernel twice. */
const replacements = new WeakSet<KernelConfig>()

type Compute = (inputs: KernelInputs, attributes: NamedAttrMap) => Tensor[]

function register(kernelName: string, backendName: string, compute: Compute): void {
  registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const outputs = tidy(() => compute(inputs as Record<string, Tensor>, attrs ?? {}))
      return outputs.length === 1 ? outputs[0]! : outputs
    }
  })
}

/** Kernels that hand something on to each other are trusted all together or not at all. */
function trustedKernels(ops: NativeOps, kernels: readonly FusedKernel[]): Set<FusedKernel> {
  const agreeing = new Set(kernels.filter((kernel) => kernel.native && agrees(kernel, ops)))
  const alone = kernels.flatMap((kernel) =>
    kernel.takes && !(agreeing.has(kernel) && agreeing.has(kernel.takes.from)) ? [kernel.takes.from] : []
  )
  const trusted = ({ takes, ...kernel }: FusedKernel): boolean =>
    !alone.some(({ name }) => name === kernel.name || name === takes?.from.name)
  return new Set([...agreeing].filter(trusted))
}

function agrees(kernel: FusedKernel, ops: NativeOps): boolean {
  return tidy(() => {
    const { inputs, attributes, compared = Infinity } = kernel.sample()
    const { from, as = '' } = kernel.takes ?? {}
    const completed = (outputs?: Tensor[]): KernelInputs =>
      outputs ? { ...inputs, [as]: outputs.at(-1)! } : inputs
    const expected = kernel.composed(completed(from?.composed(inputs, attributes)), attributes)
    try {
      const found = kernel.native!(ops, completed(from?.native?.(ops, inputs, attributes)), attributes)
      return expected.slice(0, compared).every((tensor, i) => close(tensor, found[i]))
    } catch {
      return false
    }
  })
}

function close(expected: Tensor, found: Tensor | undefined): boolean {
  if (!found || String(expected.shape) !== String(found.shape)) return false
  const [a, b] = [expected, found].map((tensor) => Float32Array.from(tensor.dataSync())) as [
    Float32Array,
    Float32Array
  ]
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
  return a.every((value, i) => Math.abs(value - b[i]!) <= TOLERANCE * largest)
}
