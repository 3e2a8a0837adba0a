import { FLOAT, INT32 } from './graph-messages'
import type { AttributeValue } from './graph-messages'

/** What a graph says of an op that a single call leaves out. */
interface CompiledOp {
  /** TensorFlow's names of its outputs, all float32. */
  readonly outputs: readonly string[]
  /** Attributes that a call infers from its inputs. */
  readonly inferred?: Readonly<Record<string, AttributeValue>>
  /** Each entry of the output depends on those at its place in the inputs, or on a scalar. */
  readonly elementwise?: boolean
  /** Attributes that must be float32; by default only T. */
  readonly types?: readonly string[]
}

const unary: CompiledOp = { outputs: ['y'], elementwise: true }
const binary: CompiledOp = { outputs: ['z'], elementwise: true }
const arranged: CompiledOp = { outputs: ['output'] }

/**
 * Ops that XLA compiles into code at least as fast as TensorFlow's own kernels, on processors: not convolutions
 * and pooling, of which its code takes three times as long.
 */
export const COMPILED_OPS: Readonly<Record<string, CompiledOp | undefined>> = {
  MatMul: { outputs: ['product'], inferred: { T: { type: FLOAT } } },
  BatchMatMulV2: arranged,
  Add: binary,
  AddV2: binary,
  Sub: binary,
  Mul: binary,
  RealDiv: binary,
  Maximum: binary,
  Minimum: binary,
  Neg: unary,
  Square: unary,
  Sqrt: unary,
  Exp: unary,
  Log: unary,
  Tanh: unary,
  Sigmoid: unary,
  Softplus: { outputs: ['activations'] },
  TanhGrad: binary,
  SigmoidGrad: binary,
  Relu: { outputs: ['activations'] },
  ReluGrad: { outputs: ['backprops'] },
  Softmax: { outputs: ['softmax'] },
  SoftmaxCrossEntropyWithLogits: { outputs: ['loss', 'backprop'] },
  BiasAddGrad: arranged,
  Sum: arranged,
  Mean: arranged,
  Reshape: arranged,
  ExpandDims: { outputs: ['output'], inferred: { T: { type: FLOAT }, Tdim: { type: INT32 } } },
  Transpose: { outputs: ['y'] },
  Slice: arranged,
  ConcatV2: arranged,
  Pack: arranged,
  Tile: arranged,
  // From float32 to itself: tfjs puts it before a mean.
  Cast: { outputs: ['y'], types: ['SrcT', 'DstT'] }
}
