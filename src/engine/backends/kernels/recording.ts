import { Interpreter } from './interpreter'
import type { Handle, NativeOps } from './native-ops'
import type { Stages } from './passes'

/** A traced descent, to be run op by op on other batches: once a batch, once a step, and its conclusion. */
export class Recording {
  readonly #ops: NativeOps
  readonly #preparation: Interpreter
  readonly #direction: Interpreter
  readonly #conclusion: Interpreter
  /** What changes with the batch, for this one. */
  #shared: readonly Handle[] = []
  #made: readonly Handle[] = []

  constructor(ops: NativeOps, { preparation, direction, conclusion }: Stages) {
    this.#ops = ops
    this.#preparation = new Interpreter(ops, preparation)
    this.#direction = new Interpreter(ops, direction)
    this.#conclusion = new Interpreter(ops, conclusion)
  }

  begin(batch: readonly Handle[]): void {
    this.#shared = this.#preparation.run(batch)
    this.#made = this.#shared.filter((handle) => !batch.includes(handle))
  }

  /** At v; the caller deletes both. */
  direction(v: Handle): Handle {
    return this.#direction.run([v, ...this.#shared])[0]!
  }

  /** At v with the direction of the last step; the caller deletes all. */
  conclude(v: Handle, last: Handle): Handle[] {
    return this.#conclusion.run([v, last, ...this.#shared])
  }

  /** The batch has ended: what was made for it alone is deleted. */
  end(): void {
    this.#ops.delete(this.#made)
    this.#made = []
  }
}
