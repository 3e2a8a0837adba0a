import { FLOAT, INT32 } from './graph-messages'
import type { AttributeValue } from './graph-messages'

/** What a graph must be told of an op that calls it one by one need not. */
interface CompiledOp {
  /** TensorFlow's names of its outputs, all float32. */
  readonly outputs: readonly string[]
  /** Attributes that a call infers from its inputs. */
  readonly inferred?: Readonly<Record<string, AttributeValue>>
  /** Attributes that must be float32; by default only T. */
  readonly types?: readonly string[]
}

const unary: CompiledOp = { outputs: ['y'] }
const binary: CompiledOp = { outputs: ['z'] }
const arranged: CompiledOp = { outputs: ['output'] }

/**
 * Ops that XLA compiles into code at least as fast as TensorFlow's own kernels, on processors: not convolutions
 * and pooling, of which its code takes three times as long.
 */
export const COMPILED_OPS: Readonly<Record<string, CompiledOp | undefined>> = {
  MatMul: { outputs: ['product'], inferred: { T: { type: FLOAT } } },
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
  Transpose: unary,
  Slice: arranged,
  ConcatV2: arranged,
  Pack: arranged,
  Tile: arranged,
  // From float32 to itself: tfjs puts it before a mean.
  Cast: { ...unary, types: ['SrcT', 'DstT'] }
}
