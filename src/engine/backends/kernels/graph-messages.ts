import { createRequire } from 'node:module'

/**
 * TensorFlow's protocol buffers for graphs, as far as they are filled here: those that tfjs-node brings along for
 * reading saved models. It gives no types for them.
 */
interface Message {
  serializeBinary(): Uint8Array
}

interface MessageMap<T> {
  set(key: string, value: T): void
}

interface ListMessage extends Message {
  setTypeList(types: number[]): void
  setIList(integers: number[]): void
}

interface ShapeMessage extends Message {
  addDim(dim: Message): void
}

interface TensorMessage extends Message {
  setDtype(type: number): void
  setTensorShape(shape: ShapeMessage): void
  setIntValList(values: number[]): void
  setFloatValList(values: number[]): void
}

interface AttributeMessage extends Message {
  setType(type: number): void
  setB(flag: boolean): void
  setI(integer: number): void
  setS(text: Uint8Array): void
  setList(list: ListMessage): void
  setFunc(call: FunctionNameMessage): void
  setTensor(tensor: TensorMessage): void
}

interface FunctionNameMessage extends Message {
  setName(name: string): void
}

interface NodeMessage extends Message {
  setName(name: string): void
  setOp(op: string): void
  setInputList(inputs: string[]): void
  getAttrMap(): MessageMap<AttributeMessage>
}

interface ArgumentMessage extends Message {
  setName(name: string): void
  setType(type: number): void
}

interface SignatureMessage extends Message {
  setName(name: string): void
  addInputArg(argument: ArgumentMessage): void
  addOutputArg(argument: ArgumentMessage): void
}

interface FunctionMessage extends Message {
  setSignature(signature: SignatureMessage): void
  setNodeDefList(nodes: NodeMessage[]): void
  getRetMap(): MessageMap<string>
}

interface LibraryMessage extends Message {
  setFunctionList(functions: FunctionMessage[]): void
}

interface VersionMessage extends Message {
  setProducer(version: number): void
}

interface GraphMessage extends Message {
  setNodeList(nodes: NodeMessage[]): void
  setLibrary(library: LibraryMessage): void
  setVersions(versions: VersionMessage): void
}

interface MetaInfoMessage extends Message {
  addTags(tag: string): void
}

interface MetaGraphMessage extends Message {
  setMetaInfoDef(info: MetaInfoMessage): void
  setGraphDef(graph: GraphMessage): void
}

interface SavedModelMessage extends Message {
  setSavedModelSchemaVersion(version: number): void
  addMetaGraphs(graph: MetaGraphMessage): void
}

type Made<T> = new () => T

interface Messages {
  readonly AttrValue: Made<AttributeMessage> & { readonly ListValue: Made<ListMessage> }
  readonly Tensor: Made<TensorMessage>
  readonly TensorShape: Made<ShapeMessage> & {
    readonly Dim: Made<Message & { setSize(size: number): void }>
  }
  readonly NameAttrList: Made<FunctionNameMessage>
  readonly NodeDef: Made<NodeMessage>
  readonly OpDef: Made<SignatureMessage> & { readonly ArgDef: Made<ArgumentMessage> }
  readonly FunctionDef: Made<FunctionMessage>
  readonly FunctionDefLibrary: Made<LibraryMessage>
  readonly VersionDef: Made<VersionMessage>
  readonly GraphDef: Made<GraphMessage>
  readonly MetaGraphDef: Made<MetaGraphMessage> & { readonly MetaInfoDef: Made<MetaInfoMessage> }
  readonly SavedModel: Made<SavedModelMessage>
}

const require = createRequire(import.meta.url)

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

/** A graph as the bytes of a saved model without variables. */
export function savedModel(
  nodes: readonly GraphNode[],
  functions: readonly GraphFunction[],
  tag: string
): Uint8Array {
  const proto = require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Messages
  const graph = new proto.GraphDef()
  graph.setNodeList(nodes.map((node) => nodeMessage(proto, node)))
  const library = new proto.FunctionDefLibrary()
  library.setFunctionList(functions.map((each) => functionMessage(proto, each)))
  graph.setLibrary(library)
  const versions = new proto.VersionDef()
  versions.setProducer(GRAPH_VERSION)
  graph.setVersions(versions)
  const info = new proto.MetaGraphDef.MetaInfoDef()
  info.addTags(tag)
  const meta = new proto.MetaGraphDef()
  meta.setMetaInfoDef(info)
  meta.setGraphDef(graph)
  const model = new proto.SavedModel()
  model.setSavedModelSchemaVersion(1)
  model.addMetaGraphs(meta)
  return model.serializeBinary()
}

/** Of TensorFlow 2.9, the oldest that tfjs-node 4.22 comes with. */
const GRAPH_VERSION = 1087

function functionMessage(proto: Messages, { name, inputs, outputs, nodes }: GraphFunction): FunctionMessage {
  const argument = ({ name: own, type }: Argument): ArgumentMessage => {
    const message = new proto.OpDef.ArgDef()
    message.setName(own)
    message.setType(type)
    return message
  }
  const signature = new proto.OpDef()
  signature.setName(name)
  for (const input of inputs) signature.addInputArg(argument(input))
  for (const output of outputs) signature.addOutputArg(argument(output))
  const message = new proto.FunctionDef()
  message.setSignature(signature)
  message.setNodeDefList(nodes.map((node) => nodeMessage(proto, node)))
  for (const output of outputs) message.getRetMap().set(output.name, output.value)
  return message
}

function nodeMessage(proto: Messages, { name, op, inputs, attributes }: GraphNode): NodeMessage {
  const node = new proto.NodeDef()
  node.setName(name)
  node.setOp(op)
  node.setInputList([...inputs])
  for (const [key, value] of Object.entries(attributes)) {
    node.getAttrMap().set(key, attributeMessage(proto, value))
  }
  return node
}

function attributeMessage(proto: Messages, value: AttributeValue): AttributeMessage {
  const attribute = new proto.AttrValue()
  if ('type' in value) attribute.setType(value.type)
  else if ('flag' in value) attribute.setB(value.flag)
  else if ('integer' in value) attribute.setI(value.integer)
  else if ('text' in value) attribute.setS(Buffer.from(value.text))
  else if ('called' in value) {
    const call = new proto.NameAttrList()
    call.setName(value.called)
    attribute.setFunc(call)
  } else if ('int32' in value) attribute.setTensor(integersMessage(proto, value.int32, value.shape))
  else if ('float32' in value) {
    const tensor = new proto.Tensor()
    tensor.setDtype(FLOAT)
    tensor.setTensorShape(new proto.TensorShape())
    tensor.setFloatValList([value.float32])
    attribute.setTensor(tensor)
  } else {
    const list = new proto.AttrValue.ListValue()
    if ('types' in value) list.setTypeList([...value.types])
    else list.setIList([...value.integers])
    attribute.setList(list)
  }
  return attribute
}

function integersMessage(
  proto: Messages,
  values: readonly number[],
  sides: readonly number[]
): TensorMessage {
  const shape = new proto.TensorShape()
  for (const side of sides) {
    const dim = new proto.TensorShape.Dim()
    dim.setSize(side)
    shape.addDim(dim)
  }
  const tensor = new proto.Tensor()
  tensor.setDtype(INT32)
  tensor.setTensorShape(shape)
  tensor.setIntValList([...values])
  return tensor
}
