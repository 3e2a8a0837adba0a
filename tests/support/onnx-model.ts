/**
 * ONNX models of a few nodes as bytes: protobuf written by hand, field numbers as in onnx.proto3, so that tests need
 * neither Python nor files of others.
 */

const VARINT = 0
const BYTES = 2

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}

function integer(field: number, value: number): Buffer {
  return Buffer.from([...varint(BigInt((field << 3) | VARINT)), ...varint(BigInt(value))])
}

function bytes(field: number, value: Uint8Array | string): Buffer {
  const data = Buffer.from(value)
  return Buffer.concat([
    Buffer.from([...varint(BigInt((field << 3) | BYTES)), ...varint(BigInt(data.length))]),
    data
  ])
}

const message = (field: number, ...parts: readonly Uint8Array[]): Buffer => bytes(field, Buffer.concat(parts))

export const TYPES = { float: 1, uint8: 2, int64: 7 } as const
export type OnnxType = keyof typeof TYPES

/** An input or output; a side that is a word fits any size. */
export interface OnnxValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly (number | string)[]
}

export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Whole numbers, or lists of them. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
}

export interface OnnxConstant {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

function valueInfo(field: number, { name, type, shape }: OnnxValue): Buffer {
  const sides = shape.map((side) => message(1, typeof side === 'number' ? integer(1, side) : bytes(2, side)))
  return message(field, bytes(1, name), message(2, message(1, integer(1, TYPES[type]), message(2, ...sides))))
}

function node({ op, inputs, outputs, attributes = {} }: OnnxNode): Buffer {
  const listed = Object.entries(attributes).map(([name, value]) =>
    typeof value === 'number'
      ? message(5, bytes(1, name), integer(3, value), integer(20, 2))
      : message(5, bytes(1, name), ...value.map((one) => integer(8, one)), integer(20, 7))
  )
  return message(
    1,
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...listed
  )
}

function constant({ name, shape, values }: OnnxConstant): Buffer {
  const type = values instanceof Float32Array ? TYPES.float : TYPES.int64
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return message(5, ...shape.map((side) => integer(1, side)), integer(2, type), bytes(8, name), bytes(9, raw))
}

/** A model with operators of opset 17. */
export function onnxModel(graph: {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly constants?: readonly OnnxConstant[]
}): Buffer {
  return Buffer.concat([
    integer(1, 8),
    message(
      7,
      ...graph.nodes.map(node),
      bytes(2, 'test'),
      ...(graph.constants ?? []).map(constant),
      ...graph.inputs.map((value) => valueInfo(11, value)),
      ...graph.outputs.map((value) => valueInfo(12, value))
    ),
    message(8, bytes(1, ''), integer(2, 17))
  ])
}
