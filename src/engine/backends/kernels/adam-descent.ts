import { mul, reshape, tensor1d, tidy, transpose } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type { AdamDecay, AdamStepSize, DescentProgram, Recurrence } from '../../tensors/kernels'
import { adamStep } from './adam-step'
import { AdamVariables } from './adam-variables'
import { CompiledDescent } from './compiled-descent'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import { Interpreter } from './interpreter'
import type { Handle, NativeOps } from './native-ops'
import { stagesOf } from './passes'
import type { Stages } from './passes'
import { Recording } from './recording'
import { Tracer } from './tracer'

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
      known = knownProgram(ops, inputs, attributes) ?? UNREPEATABLE
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

/** A program that can be run on other batches: compiled, or op by op. */
class KnownProgram {
  readonly #ops: NativeOps
  readonly #recording: Recording
  readonly #traced: Traced
  #compiled: CompiledDescent | undefined

  constructor(ops: NativeOps, traced: Traced, { recurrence, sizes, beta1, beta2 }: Descent) {
    this.#ops = ops
    this.#traced = traced
    this.#recording = new Recording(ops, traced.stages)
    const loop = { steps: sizes.length, transposed: traced.transposed, beta1, beta2 }
    if (recurrence!.recordings.compiles) this.#compiled = CompiledDescent.of(ops, traced.stages, loop)
  }

  run(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
    const { sizes, recurrence } = descentOf(attributes)
    const { transposed, shapes } = this.#traced
    const start = startOf(inputs)
    const batch = ops.handles(recurrence!.inputs)
    const outputs = this.#compiled?.run(ops.handles(start), sizes, batch)
    if (outputs) return outputs
    this.#compiled?.dispose()
    this.#compiled = undefined
    const recording = this.#recording
    recording.begin(batch)
    try {
      const direction = (v: Handle): Handle => recording.direction(v)
      const ends = descended(ops, transposedBy(transposed, start), attributes, direction)
      const [v, last] = ops.handles([ends[0]!, ends[3]!])
      const concluded = recording.conclude(v!, last!)
      return [
        ...transposedBack(transposed, ends),
        ...concluded.map((handle, i) => ops.adopted(handle, shapes[i]!))
      ]
    } finally {
      recording.end()
    }
  }

  dispose(): void {
    this.#compiled?.dispose()
    this.#ops.delete(this.#traced.constants)
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

interface Traced {
  readonly stages: Stages
  readonly transposed: DescentProgram['transposed']
  /** Of the conclusion's values. */
  readonly shapes: readonly (readonly number[])[]
  /** Constants that tfjs has let go of. */
  readonly constants: readonly Handle[]
}

/**
 * A program met for the first time: its ops, as they are called at the v where the steps begin.
 * @returns undefined where they cannot be repeated
 */
function knownProgram(
  ops: NativeOps,
  inputs: KernelInputs,
  attributes: NamedAttrMap
): KnownProgram | undefined {
  const descent = descentOf(attributes)
  // Before the tracer watches: what is in them is not content that stays.
  const batch = ops.handles(descent.recurrence!.inputs)
  const tracer = new Tracer()
  const trace = (): Omit<Traced, 'constants'> | undefined => {
    const program = descent.begin()
    const { transposed } = program
    const { start, v, first, direction } = tracedDirection(ops, tracer, program, inputs)
    const { ops: called, contentOf } = tracer
    const concludesAt = called.length
    const concluded = conclusionOf(program, [...start, first])
    const results = ops.handles(concluded)
    const stages = stagesOf({ inputs: batch, v, direction, ops: called, concludesAt, results, contentOf })
    const shapes = concluded.map(({ shape }) => shape)
    return stages && !tracer.readBack ? { stages, transposed, shapes } : undefined
  }
  let traced: ReturnType<typeof trace>
  let constants: Handle[] = []
  try {
    ops.through(
      (binding) => tracer.watched(binding),
      () => tidy(() => void (traced = trace()))
    )
    const { preparation, direction, conclusion } = traced?.stages ?? {}
    const read = new Set([preparation, direction, conclusion].flatMap((program) => program?.constants ?? []))
    constants = tracer.released.filter((handle) => read.has(handle))
  } finally {
    const kept = new Set(constants)
    ops.delete(tracer.released.filter((handle) => !kept.has(handle)))
  }
  return traced && new KnownProgram(ops, { ...traced, constants }, descent)
}

/** A program of this batch alone: run once and traced, and repeated from then on. */
function recorded(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  const { begin, sizes } = descentOf(attributes)
  const tracer = new Tracer()
  const attempt = (): Tensor[] | undefined => {
    const program = begin()
    const { start, v, first, direction } = tracedDirection(ops, tracer, program, inputs)
    const { ops: called, contentOf } = tracer
    const concludesAt = called.length
    const stages = stagesOf({ inputs: [], v, direction, ops: called, concludesAt, results: [], contentOf })
    const repeats = stages && !tracer.readBack ? new Interpreter(ops, stages.direction) : undefined
    if (!repeats && sizes.length > 1) return undefined
    return tracer.aside(() => {
      const again = (at: Handle): Handle => repeats!.run([at])[0]!
      const ends = descended(ops, start, attributes, again, first)
      return [...transposedBack(program.transposed, ends), ...conclusionOf(program, ends)]
    })
  }
  try {
    const outputs = ops.through(
      (binding) => tracer.watched(binding),
      () => tidy(() => attempt() as Tensor[])
    )
    return outputs ?? adamDescent.composed(inputs, attributes)
  } finally {
    ops.delete(tracer.released)
  }
}

/** A program's direction where the steps begin, under a tracer's eyes. */
function tracedDirection(
  ops: NativeOps,
  tracer: Tracer,
  program: DescentProgram,
  inputs: KernelInputs
): { start: Tensor[]; v: Handle; first: Tensor; direction: Handle } {
  const start = tracer.aside(() => transposedBy(program.transposed, startOf(inputs)))
  const [v] = ops.handles([start[0]!])
  tracer.vary([v!])
  const first = program.direction(start[0] as Tensor1D)
  return { start, v: v!, first, direction: ops.handles([first])[0]! }
}

/**
 * v and its moments, stepped in place, and the last direction.
 * @param direction at a v; the caller deletes both @param first that of the first step where it is known
 */
function descended(
  ops: NativeOps,
  start: readonly Tensor[],
  attributes: NamedAttrMap,
  direction: (v: Handle) => Handle,
  first?: Tensor
): Tensor[] {
  const { sizes, beta1, beta2 } = descentOf(attributes)
  const variables = new AdamVariables(ops, start, { beta1, beta2 })
  try {
    let last = first
    sizes.forEach((size, step) => {
      if (step === 0 && first) return variables.step(ops.handles([first])[0]!, size)
      const at = variables.value()
      const along = direction(at)
      ops.deleteOne(at)
      variables.step(along, size)
      if (step < sizes.length - 1) ops.deleteOne(along)
      else last = ops.adopted(along, start[0]!.shape)
    })
    return [...variables.tensors(), last!]
  } finally {
    variables.release()
  }
}
