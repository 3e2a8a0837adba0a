/** Types of values by TensorFlow's numbers. */
export const FLOAT = 1
export const INT32 = 3
export const BOOL = 10

export type AttributeValue =
  | { readonly type: number }
  | { readonly types: readonly number[] }
  | { readonly flag: boolean }
  | { readonly integer: number }
  | { readonly integers: readonly number[] }
  | { readonly text: string }
  | { readonly called: string }
  | { readonly int32: readonly number[]; readonly shape: readonly number[] }
  | { readonly float32: number }

export interface GraphNode {
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

interface Argument {
  readonly name: string
  readonly type: number
}

export interface GraphFunction {
  readonly name: string
  readonly inputs: readonly Argument[]
  /** With the value of the body that each is. */
  readonly outputs: readonly (Argument & { readonly value: string })[]
  readonly nodes: readonly GraphNode[]
}

/** How a field is written: as a whole number, as a float, as text, or as a message with a table of its own. */
type Form = 'integer' | 'float' | 'text' | Table
interface Table {
  readonly [field: string]: readonly [number: number, form: Form]
}
type Value = number | boolean | string | Message | readonly Value[]
interface Message {
  readonly [field: string]: Value
}

// Field numbers of TensorFlow's protocol buffers (tensorflow/core/framework/*.proto, core/protobuf/meta_graph.proto),
// as far as they are filled here. Maps are lists of entries, key 1 and value 2.
const TENSOR: Table = {
  dtype: [1, 'integer'],
  shape: [2, { dim: [2, { size: [1, 'integer'] }] }],
  floats: [5, 'float'],
  integers: [7, 'integer']
}
const ATTRIBUTE: Table = {
  list: [1, { integers: [3, 'integer'], types: [6, 'integer'] }],
  text: [2, 'text'],
  integer: [3, 'integer'],
  flag: [5, 'integer'],
  type: [6, 'integer'],
  tensor: [8, TENSOR],
  called: [10, { name: [1, 'text'] }]
}
const NODE: Table = {
  name: [1, 'text'],
  op: [2, 'text'],
  inputs: [3, 'text'],
  attributes: [5, { key: [1, 'text'], value: [2, ATTRIBUTE] }]
}
const ARGUMENT: Table = { name: [1, 'text'], type: [3, 'integer'] }
const FUNCTION: Table = {
  signature: [1, { name: [1, 'text'], inputs: [2, ARGUMENT], outputs: [3, ARGUMENT] }],
  nodes: [3, NODE],
  results: [4, { key: [1, 'text'], value: [2, 'text'] }]
}
const GRAPH: Table = {
  nodes: [1, NODE],
  library: [2, { functions: [1, FUNCTION] }],
  versions: [4, { producer: [1, 'integer'] }]
}
const SAVED_MODEL: Table = {
  schema: [1, 'integer'],
  graphs: [2, { about: [1, { tags: [4, 'text'] }], graph: [2, GRAPH] }]
}

/** Of TensorFlow 2.9, the oldest that tfjs-node 4.22 comes with. */
const GRAPH_VERSION = 1087

/** A graph as the bytes of a saved model without variables. */
export function savedModel(
  nodes: readonly GraphNode[],
  functions: readonly GraphFunction[],
  tag: string
): Uint8Array {
  const graph = {
    nodes: nodes.map(nodeMessage),
    library: { functions: functions.map(functionMessage) },
    versions: { producer: GRAPH_VERSION }
  }
  return encoded(SAVED_MODEL, { schema: 1, graphs: [{ about: { tags: [tag] }, graph }] })
}

function functionMessage({ name, inputs, outputs, nodes }: GraphFunction): Message {
  const argument = ({ name: own, type }: Argument): Message => ({ name: own, type })
  return {
    signature: { name, inputs: inputs.map(argument), outputs: outputs.map(argument) },
    nodes: nodes.map(nodeMessage),
    results: outputs.map(({ name: key, value }) => ({ key, value }))
  }
}

function nodeMessage({ name, op, inputs, attributes }: GraphNode): Message {
  const entries = Object.entries(attributes).map(([key, value]) => ({ key, value: attributeMessage(value) }))
  return { name, op, inputs, attributes: entries }
}

function attributeMessage(value: AttributeValue): Message {
  if ('types' in value || 'integers' in value) return { list: value }
  if ('called' in value) return { called: { name: value.called } }
  if ('float32' in value) return { tensor: { dtype: FLOAT, shape: {}, floats: [value.float32] } }
  if (!('int32' in value)) return value
  return {
    tensor: { dtype: INT32, shape: { dim: value.shape.map((size) => ({ size })) }, integers: value.int32 }
  }
}

/** Lists of numbers are packed, others are their entries one after the other. */
function encoded(table: Table, message: Message): Buffer {
  const fields = Object.entries(table).flatMap(([name, [number, form]]) => {
    const value = message[name]
    if (value === undefined) return []
    const list = isList(value) ? value : [value]
    if (!isList(value) || typeof form !== 'string' || form === 'text') {
      return list.map((each) => field(number, form, each))
    }
    const packed = Buffer.concat(list.map((each) => content(form, each)))
    return packed.length === 0 ? [] : [withLength(number, packed)]
  })
  return Buffer.concat(fields)
}

function field(number: number, form: Form, value: Value): Buffer {
  const bytes = content(form, value)
  if (form === 'integer') return Buffer.concat([varint(number << 3), bytes])
  if (form === 'float') return Buffer.concat([varint((number << 3) | 5), bytes])
  return withLength(number, bytes)
}

function content(form: Form, value: Value): Buffer {
  if (form === 'integer') return varint(Number(value))
  if (form === 'text') return Buffer.from(String(value))
  if (form !== 'float') return encoded(form, value as Message)
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(Number(value))
  return bytes
}

function withLength(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** Seven bits a byte, the lowest first; negative numbers as their two's complement in 64 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
