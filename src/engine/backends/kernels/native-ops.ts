import { backend } from '@tensorflow/tfjs-core'
import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import type { AttributeValue } from './graph-messages'

/** A tensor handle of the addon: TensorFlow's own, unknown to tfjs. Whoever makes one deletes it. */
export type Handle = number

interface OutputMetadata {
  readonly id: Handle
  readonly shape: number[]
  readonly dtype: number
}

export interface OpAttribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** What tfjs-node's addon offers, as far as it is used here. */
export interface Binding {
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_INT64: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_SHAPE: number
  executeOp(name: string, attributes: OpAttribute[], inputs: Handle[], outputs: number): OutputMetadata[]
  createTensor(shape: number[], dtype: number, values: Float32Array): Handle
  deleteTensor(handle: Handle): void
  tensorDataSync(handle: Handle): unknown
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(model: number): void
  runSavedModel(model: number, inputs: Handle[], feeds: string, fetches: string): OutputMetadata[]
}

/** The part of tfjs-node's backend class that is used here (4.22: nodejs_kernel_backend.ts). */
interface NodeBackend {
  binding: Binding
  readonly isUsingGpuDevice: boolean
  getInputTensorIds(tensors: TensorInfo[]): Handle[]
  createOutputTensor(metadata: OutputMetadata): Tensor<never>
}

/** Runs TensorFlow ops that tfjs has no kernel for. The native backend must be the current one. */
export class NativeOps {
  readonly #backend: NodeBackend
  /** The addon itself, whoever watches its calls. */
  readonly #addon: Binding

  constructor() {
    this.#backend = backend() as unknown as NodeBackend
    this.#addon = this.#backend.binding
  }

  get gpu(): boolean {
    return this.#backend.isUsingGpuDevice
  }

  get #binding(): Binding {
    return this.#backend.binding
  }

  type(name: string, dtype: DataType | 'int64'): OpAttribute {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32, TF_INT64 } = this.#binding
    const value = dtype === 'int64' ? TF_INT64 : dtype === 'int32' ? TF_INT32 : TF_FLOAT
    return { name, type: TF_ATTR_TYPE, value }
  }

  integers(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_INT, value: [...value] }
  }

  text(name: string, value: string): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_STRING, value }
  }

  flag(name: string, value: boolean): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_BOOL, value }
  }

  /** The shape attribute that some ops want and none of those used here heeds. */
  unusedShape(name: string): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_SHAPE, value: [] }
  }

  /** The op's outputs as tensors of tfjs. */
  run(name: string, attributes: OpAttribute[], inputs: readonly TensorInfo[], outputs = 1): Tensor[] {
    return this.execute(name, attributes, this.handles(inputs), outputs).map((metadata) =>
      this.#adopt(metadata)
    )
  }

  /** A tensor of tfjs for a handle, which becomes the tensor's. */
  adopted(handle: Handle, shape: readonly number[]): Tensor {
    return this.#adopt({ id: handle, shape: [...shape], dtype: this.#binding.TF_FLOAT })
  }

  /** The single output of an op on handles, as a tensor of tfjs. */
  adopt(name: string, attributes: OpAttribute[], inputs: Handle[]): Tensor {
    return this.#adopt(this.execute(name, attributes, inputs, 1)[0]!)
  }

  /** The handles of tensors of tfjs; they stay the tensors'. */
  handles(tensors: readonly TensorInfo[]): Handle[] {
    return this.#backend.getInputTensorIds([...tensors])
  }

  execute(name: string, attributes: OpAttribute[], inputs: Handle[], outputs: number): OutputMetadata[] {
    return this.#binding.executeOp(name, attributes, inputs, outputs)
  }

  scalar(value: number): Handle {
    return this.#binding.createTensor([], this.#binding.TF_FLOAT, Float32Array.of(value))
  }

  delete(handles: readonly Handle[]): void {
    for (const handle of handles) this.deleteOne(handle)
  }

  deleteOne(handle: Handle): void {
    this.#binding.deleteTensor(handle)
  }

  vector(values: Float32Array): Handle {
    return this.#binding.createTensor([values.length], this.#binding.TF_FLOAT, values)
  }

  /** Shape and type of a value, by TensorFlow's number. */
  about(handle: Handle): { readonly shape: readonly number[]; readonly dtype: number } {
    const same = this.execute('Identity', [], [handle], 1)[0]!
    this.deleteOne(same.id)
    return same
  }

  integersOf(handle: Handle): number[] {
    return [...(this.#binding.tensorDataSync(handle) as Int32Array)]
  }

  /** An attribute as a graph has it. */
  encoded({ type, value }: OpAttribute): AttributeValue {
    const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_BOOL } = this.#binding
    if (type === TF_ATTR_TYPE) return { type: Number(value) }
    if (type === TF_ATTR_BOOL) return { flag: Boolean(value) }
    if (type !== TF_ATTR_INT) return { text: String(value) }
    return Array.isArray(value) ? { integers: value as number[] } : { integer: Number(value) }
  }

  /** @param folder of a saved model @returns its number */
  load(folder: string, tag: string): number {
    return this.#binding.loadSavedModel(folder, tag)
  }

  unload(model: number): void {
    this.#binding.deleteSavedModel(model)
  }

  /** @param feeds names of the inputs, joined by commas, as `fetches` are @returns tensors of tfjs */
  call(model: number, inputs: Handle[], feeds: string, fetches: string): Tensor[] {
    return this.#binding.runSavedModel(model, inputs, feeds, fetches).map((metadata) => this.#adopt(metadata))
  }

  /** Run something while tfjs's calls of the addon go through a watcher. */
  through<T>(watched: (binding: Binding) => Binding, run: () => T): T {
    const binding = this.#binding
    this.#backend.binding = watched(binding)
    try {
      return run()
    } finally {
      this.#backend.binding = binding
    }
  }

  /** Run something that no watcher of {@link through} shall see, and that reads and leaves nothing of its ops. */
  unwatched<T>(run: () => T): T {
    return this.through(() => this.#addon, run)
  }

  /**
   * tfjs has no 64-bit integers and says so on the console for each such output; they are only handed from op
   * to op here, never read, so they pass as 32-bit ones.
   */
  #adopt(metadata: OutputMetadata): Tensor {
    const { TF_INT64, TF_INT32 } = this.#binding
    const dtype = metadata.dtype === TF_INT64 ? TF_INT32 : metadata.dtype
    return this.#backend.createOutputTensor({ ...metadata, dtype })
  }
}
