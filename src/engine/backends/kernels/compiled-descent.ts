import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import { Failure } from '../../../shared/domain/failure'
import type { AdamStepSize } from '../../tensors/kernels'
import { TAG, descentGraph } from './descent-graph'
import type { DescentGraph, Loop } from './descent-graph'
import type { Handle, NativeOps } from './native-ops'
import type { Stages } from './passes'

/** Compiling takes as long as some hundred steps of a small network; ordinary training makes one a batch. */
const STEPS_THAT_PAY = 4

/** Whether this TensorFlow is known not to compile: then its ops are called one by one. */
let cannotCompile = false

function attempted<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    cannotCompile = true
    return undefined
  }
}

/** The folder of a saved model with this graph: tfjs-node's addon takes one from a folder only. */
function writtenGraph(bytes: Uint8Array): string {
  const parent = os.tmpdir()
  let folder: string | undefined
  try {
    folder = mkdtempSync(path.join(parent, 'bilevel-graph-'))
    writeFileSync(path.join(folder, 'saved_model.pb'), bytes)
    return folder
  } catch (error) {
    if (folder) rmSync(folder, { recursive: true, force: true })
    throw new Failure(
      'refused',
      `TensorFlow's compiler needs the folder for temporary files, ${parent}, which cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'Free some space there, or name another folder in the environment variable TMPDIR.',
      { cause: error }
    )
  }
}

/** A descent that TensorFlow's compiler (XLA) has made one piece of code of: one call a batch. */
export class CompiledDescent {
  readonly #ops: NativeOps
  readonly #model: number
  readonly #held: readonly Handle[]
  readonly #feeds: string
  readonly #fetches: string
  #hasRun = false

  private constructor(ops: NativeOps, { feeds, fetches, held }: DescentGraph, folder: string) {
    this.#ops = ops
    this.#held = held
    this.#feeds = feeds.join(',')
    this.#fetches = fetches.join(',')
    this.#model = ops.load(folder, TAG)
  }

  /**
   * @returns undefined where it does not pay, or this TensorFlow cannot load it
   * @throws Failure refused where the folder for temporary files cannot be written: going on op by op would give
   *   other last digits than the same run at another time
   */
  static of(ops: NativeOps, stages: Stages, loop: Loop): CompiledDescent | undefined {
    if (ops.gpu || cannotCompile || loop.steps < STEPS_THAT_PAY) return undefined
    const graph = descentGraph(ops, stages, loop)
    if (!graph) return undefined
    const folder = writtenGraph(graph.bytes)
    try {
      return attempted(() => new CompiledDescent(ops, graph, folder))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /**
   * @param start v, first, second @param inputs of the batch
   * @returns v, first, second, the last direction, the conclusion's values; undefined where this TensorFlow cannot
   * compile it, which the first run tells
   */
  run(
    start: readonly Handle[],
    sizes: readonly AdamStepSize[],
    inputs: readonly Handle[]
  ): Tensor[] | undefined {
    const ops = this.#ops
    const rates = ops.vector(Float32Array.from(sizes, ({ rate }) => rate))
    const epsilons = ops.vector(Float32Array.from(sizes, ({ epsilon }) => epsilon))
    const given = [...start, rates, epsilons, ...inputs, ...this.#held]
    const call = (): Tensor[] => ops.call(this.#model, given, this.#feeds, this.#fetches)
    try {
      const outputs = this.#hasRun ? call() : attempted(call)
      this.#hasRun = outputs !== undefined
      return outputs
    } finally {
      ops.delete([rates, epsilons])
    }
  }

  dispose(): void {
    this.#ops.unload(this.#model)
  }
}
