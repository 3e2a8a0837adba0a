import { mul, reshape, tensor1d, tidy, transpose } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { adamStep } from './adam-step'
import { AdamVariables } from './adam-variables'
import type { AdamDecay, AdamStepSize } from './adam-variables'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import type { NativeOps } from './native-ops'
import { CompiledDescent } from './compiled-descent'
import { Recorder } from './recorder'
import { Recording } from './recording'

/** The shapes of what tensors/kernels.ts calls so and documents; rooms do not import each other here. */
interface DescentProgram {
  readonly transposed?: readonly [number, number]
  direction(v: Tensor1D): Tensor1D
  conclusion?(v: Tensor1D, last: Tensor1D): Tensor[]
}

interface Recurrence {
  readonly name: string
  readonly inputs: readonly Tensor[]
  readonly recordings: {
    readonly compiles: boolean
    get(name: string): { dispose(): void } | undefined
    set(name: string, recorded: { dispose(): void }): void
  }
}

interface Descent extends AdamDecay {
  readonly begin: () => DescentProgram
  /** One a step. */
  readonly sizes: readonly AdamStepSize[]
  readonly recurrence?: Recurrence
}

/**
 * Adam steps on v, as many as `sizes` has entries (at least one), each along a program's direction at its own v,
 * and the program's conclusion (tensors/kernels.ts says what a program may do). Inputs v, first, second [size];
 * attributes begin, sizes, beta1, beta2, recurrence. Outputs, all new: v, first, second after the last step, the
 * direction of that step, and what the conclusion gave.
 */
export const adamDescent: FusedKernel = {
  name: 'BilevelAdamDescent',
  composed: (inputs, attributes) => {
    const { begin, sizes, beta1, beta2 } = descentOf(attributes)
    const program = begin()
    let outputs = transposedBy(program.transposed, startOf(inputs))
    sizes.forEach((size, step) => {
      const [v, first, second] = outputs as [Tensor, Tensor, Tensor]
      const next = tidy(() => {
        const along = program.direction(v as Tensor1D)
        return [...adamStep.composed({ v, first, second, gradient: along }, { ...size, beta1, beta2 }), along]
      })
      // A direction may hand v itself on.
      if (step > 0) for (const spent of outputs) if (!next.includes(spent)) spent.dispose()
      outputs = next
    })
    return [...transposedBack(program.transposed, outputs), ...conclusionOf(program, outputs)]
  },
  native: (ops, inputs, attributes) => {
    const { recurrence, sizes } = descentOf(attributes)
    if (!recurrence) return recorded(ops, inputs, attributes)
    const name = nameOf(recurrence, sizes.length)
    let known = recurrence.recordings.get(name)
    if (!known) {
      known = recordedProgram(ops, inputs, attributes) ?? UNREPEATABLE
      recurrence.recordings.set(name, known)
    }
    return known instanceof KnownProgram
      ? known.run(ops, inputs, attributes)
      : recorded(ops, inputs, attributes)
  },
  sample: () => ({
    inputs: { v: tensor1d([1, -1]), first: tensor1d([0.1, 0]), second: tensor1d([0.01, 0]) },
    attributes: descentAttributes({
      begin: () => {
        const slopes = tensor1d([2, 3])
        return { direction: (v) => mul(v, slopes), conclusion: (v, last) => [mul(v, last)] }
      },
      sizes: [0.1, 0.2, 0.3].map((rate) => ({ rate, epsilon: 1e-6 })),
      beta1: 0.9,
      beta2: 0.99
    })
  })
}

/** A program that can be run on other batches: compiled as a whole, or op by op. */
class KnownProgram {
  readonly #recording: Recording
  readonly #transposed: DescentProgram['transposed']
  #compiled: CompiledDescent | undefined

  constructor(
    recording: Recording,
    transposed: DescentProgram['transposed'],
    compiled: CompiledDescent | undefined
  ) {
    this.#recording = recording
    this.#transposed = transposed
    this.#compiled = compiled
  }

  run(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
    const { sizes, recurrence } = descentOf(attributes)
    const start = startOf(inputs)
    const batch = ops.handles(recurrence!.inputs)
    const outputs = this.#compiled?.run(ops.handles(start), sizes, batch)
    if (outputs) return outputs
    this.#compiled?.dispose()
    this.#compiled = undefined
    this.#recording.begin(batch)
    try {
      const ends = descended(ops, transposedBy(this.#transposed, start), attributes, this.#recording)
      const concluded = this.#recording.conclude(ops.handles([ends[0]!, ends[3]!]))
      return [
        ...transposedBack(this.#transposed, ends),
        ...concluded.map(({ handle, shape }) => ops.adopted(handle, shape))
      ]
    } finally {
      this.#recording.end()
    }
  }

  dispose(): void {
    this.#compiled?.dispose()
    this.#recording.dispose()
  }
}

/** Of a program that no recording serves: it reads values back, or its direction ignores v. */
const UNREPEATABLE = { dispose: (): void => undefined }

function startOf(inputs: KernelInputs): Tensor[] {
  return [inputs['v']!, inputs['first']!, inputs['second']!]
}

/** Vectors that are matrices by rows, as the transposed matrices by rows. */
function transposedBy(shape: readonly [number, number] | undefined, vectors: readonly Tensor[]): Tensor[] {
  return vectors.map((vector) => (shape ? reshape(transpose(reshape(vector, [...shape])), [-1]) : vector))
}

function transposedBack(shape: readonly [number, number] | undefined, vectors: readonly Tensor[]): Tensor[] {
  return transposedBy(shape && [shape[1], shape[0]], vectors)
}

/** tfjs types attributes as plain values, yet hands them on untouched. */
function descentAttributes(descent: Descent): NamedAttrMap {
  return descent as unknown as NamedAttrMap
}

function descentOf(attributes: NamedAttrMap): Descent {
  return attributes as unknown as Descent
}

/** A recording fits inputs of the same shapes only. */
function nameOf({ name, inputs }: Recurrence, steps: number): string {
  return [name, steps, ...inputs.map(({ shape }) => shape.join('x'))].join(' ')
}

function conclusionOf(program: DescentProgram, [v, , , last]: readonly Tensor[]): Tensor[] {
  return program.conclusion?.(v as Tensor1D, last as Tensor1D) ?? []
}

/**
 * A program met for the first time: its ops, as they are called at the v where the steps begin.
 * @returns undefined where they cannot be repeated
 */
function recordedProgram(
  ops: NativeOps,
  inputs: KernelInputs,
  attributes: NamedAttrMap
): KnownProgram | undefined {
  const { begin, recurrence, sizes, beta1, beta2 } = descentOf(attributes)
  const recorder = new Recorder(ops.handles(recurrence!.inputs))
  let transposed: DescentProgram['transposed']
  const listen = (): Recording | undefined => {
    const program = begin()
    transposed = program.transposed
    const start = recorder.aside(() => transposedBy(transposed, startOf(inputs)))
    const [at] = ops.handles([start[0]!])
    recorder.vary([at!])
    const first = program.direction(start[0] as Tensor1D)
    const recording = Recording.of(ops, recorder, at!, ops.handles([first])[0]!)
    const reached = ops.handles([start[0]!, first])
    recorder.vary(reached)
    const concluded = conclusionOf(program, [start[0]!, start[1]!, start[2]!, first])
    const shapes = concluded.map(({ shape }) => shape)
    return recording?.complete(reached, ops.handles(concluded), shapes) ? recording : undefined
  }
  let recording: Recording | undefined
  try {
    ops.through(
      (binding) => recorder.watched(binding),
      () => tidy(() => void (recording = listen()))
    )
  } finally {
    if (recording) recording.settle()
    else ops.delete(recorder.released)
  }
  if (!recording) return undefined
  const loop = { steps: sizes.length, transposed, beta1, beta2 }
  const compiled = recurrence!.recordings.compiles
    ? CompiledDescent.of(ops, recording.parts, loop)
    : undefined
  return new KnownProgram(recording, transposed, compiled)
}

/** A program of this batch alone: run once and listened to, and repeated from then on. */
function recorded(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  const { begin, sizes } = descentOf(attributes)
  const recorder = new Recorder([])
  const attempt = (): Tensor[] | undefined => {
    const program = begin()
    const start = recorder.aside(() => transposedBy(program.transposed, startOf(inputs)))
    const [at] = ops.handles([start[0]!])
    recorder.vary([at!])
    const first = program.direction(start[0] as Tensor1D)
    const recording = Recording.of(ops, recorder, at!, ops.handles([first])[0]!)
    if (!recording && sizes.length > 1) return undefined
    return recorder.aside(() => {
      const ends = descended(ops, start, attributes, recording, first)
      return [...transposedBack(program.transposed, ends), ...conclusionOf(program, ends)]
    })
  }
  try {
    const outputs = ops.through(
      (binding) => recorder.watched(binding),
      () => tidy(() => attempt() as Tensor[])
    )
    return outputs ?? adamDescent.composed(inputs, attributes)
  } finally {
    ops.delete(recorder.released)
  }
}

/**
 * v and its moments, stepped in place, and the last direction.
 * @param first the direction of the first step where it is known
 */
function descended(
  ops: NativeOps,
  start: readonly Tensor[],
  attributes: NamedAttrMap,
  recording: Recording | undefined,
  first?: Tensor
): Tensor[] {
  const { sizes, beta1, beta2 } = descentOf(attributes)
  const variables = new AdamVariables(ops, start, { beta1, beta2 })
  try {
    let last = first
    sizes.forEach((size, step) => {
      if (step === 0 && first) return variables.step(ops.handles([first])[0]!, size)
      const at = variables.value()
      const direction = recording!.direction(at)
      ops.deleteOne(at)
      variables.step(direction, size)
      if (step < sizes.length - 1) ops.deleteOne(direction)
      else last = ops.adopted(direction, start[0]!.shape)
    })
    return [...variables.tensors(), last!]
  } finally {
    variables.release()
  }
}
