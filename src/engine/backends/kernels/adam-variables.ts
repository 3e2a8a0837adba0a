import type { Tensor } from '@tensorflow/tfjs-core'
import type { AdamDecay, AdamStepSize } from '../../tensors/kernels'
import type { Handle, NativeOps, OpAttribute } from './native-ops'

/**
 * TensorFlow's fused Adam step works on variables. Three are filled, stepped in place any number of times and
 * emptied: the tensors they were filled from stay as they were, since a variable copies a buffer that is not its
 * own before it writes.
 */
export class AdamVariables {
  readonly #ops: NativeOps
  readonly #variables: readonly Handle[]
  readonly #dtype: OpAttribute
  readonly #stepAttributes: OpAttribute[]
  /** 0, beta1, beta2. The powers of beta that the op would correct by are given as 0: the caller has corrected. */
  readonly #scalars: readonly Handle[]

  /** @param values v, first, second, [size] */
  constructor(ops: NativeOps, values: readonly Tensor[], { beta1, beta2 }: AdamDecay) {
    this.#ops = ops
    this.#variables = variableHandles(ops)
    this.#dtype = ops.type('dtype', 'float32')
    this.#stepAttributes = [
      ops.type('T', 'float32'),
      ops.flag('use_locking', false),
      ops.flag('use_nesterov', false)
    ]
    this.#scalars = [0, beta1, beta2].map((value) => ops.scalar(value))
    ops.handles(values).forEach((value, i) => {
      const attributes = [this.#dtype, ops.flag('validate_shape', false)]
      ops.execute('AssignVariableOp', attributes, [this.#variables[i]!, value], 0)
    })
  }

  step(gradient: Handle, { rate, epsilon }: AdamStepSize): void {
    const [zero, beta1, beta2] = this.#scalars as [Handle, Handle, Handle]
    const size = [this.#ops.scalar(rate), this.#ops.scalar(epsilon)] as const
    const inputs = [...this.#variables, zero, zero, size[0], beta1, beta2, size[1], gradient]
    this.#ops.execute('ResourceApplyAdam', this.#stepAttributes, inputs, 0)
    this.#ops.delete(size)
  }

  /** v as it is now; the caller deletes it, before the next step lest the variable is copied. */
  value(): Handle {
    return this.#ops.execute('ReadVariableOp', [this.#dtype], [this.#variables[0]!], 1)[0]!.id
  }

  /** v, first, second as tensors of tfjs. */
  tensors(): Tensor[] {
    return this.#variables.map((variable) => this.#ops.adopt('ReadVariableOp', [this.#dtype], [variable]))
  }

  release(): void {
    this.#ops.delete(this.#scalars)
    for (const variable of this.#variables) {
      this.#ops.execute('DestroyResourceOp', [this.#ops.flag('ignore_lookup_error', true)], [variable], 0)
    }
  }
}

let handles: Handle[] | undefined

/** The names of the three variables, made once: a handle holds no values. */
function variableHandles(ops: NativeOps): Handle[] {
  handles ??= ['v', 'first', 'second'].map((name) => {
    const attributes = [
      ops.text('container', ''),
      ops.text('shared_name', `bilevel-adam-${name}`),
      ops.type('dtype', 'float32'),
      ops.unusedShape('shape')
    ]
    return ops.execute('VarHandleOp', attributes, [], 1)[0]!.id
  })
  return handles
}
