import { COMPILED_OPS } from './compiled-ops'
import { FLOAT, INT32 } from './graph-messages'
import type { AttributeValue, GraphNode } from './graph-messages'
import type { HeldValues } from './held-values'
import type { NativeOps } from './native-ops'
import type { Op, Program, Value } from './program'

/** A value by name: `argument` or `node:output:place`. */
export interface Piece {
  readonly name: string
  readonly shape: readonly number[]
}

/**
 * Pieces joined end to end along their first axis, mostly one. They stay in pieces as long as they are only sliced:
 * joining in a loop vectors that were matrices takes XLA twenty nanoseconds an entry.
 */
export type Pieces = readonly Piece[]

/** The nodes of a function, as they are put together. */
export class FunctionBody {
  readonly nodes: GraphNode[] = []
  /** Of a program, as far as they are there. */
  readonly values = new Map<Value, Pieces>()
  /** Entries of pieces that had to be joined. */
  joined = 0
  #count = 0

  constructor(
    private readonly ops: NativeOps,
    private readonly held: HeldValues
  ) {}

  /** The first output of an op; by default an op on values of float32. */
  value(
    op: string,
    inputs: readonly string[],
    attributes: GraphNode['attributes'] = { T: { type: FLOAT } }
  ): string {
    const output = COMPILED_OPS[op]?.outputs[0] ?? OUTPUTS[op]!
    return `${this.node(op, inputs, attributes)}:${output}:0`
  }

  /** @returns its name */
  node(op: string, inputs: readonly string[], attributes: GraphNode['attributes']): string {
    const name = `n${this.#count++}`
    this.nodes.push({ name, op, inputs, attributes })
    return name
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(INT32, { int32: values, shape })
  }

  float(value: number): string {
    return this.#constant(FLOAT, { float32: value })
  }

  /** A vector that is a matrix by rows as the transposed matrix by rows. */
  transposed(vector: string, shape: readonly [number, number]): string {
    const reshaped = (value: string, to: readonly number[]): string =>
      this.value('Reshape', [value, this.integers(to)], { T: { type: FLOAT }, Tshape: { type: INT32 } })
    const permuted = { T: { type: FLOAT }, Tperm: { type: INT32 } }
    const matrix = this.value('Transpose', [reshaped(vector, shape), this.integers([1, 0])], permuted)
    return reshaped(matrix, [-1])
  }

  /** `length` entries of a vector. */
  slice(vector: string, from: number, length: number): string {
    const attributes = { T: { type: FLOAT }, Index: { type: INT32 } }
    return this.value('Slice', [vector, this.integers([from]), this.integers([length])], attributes)
  }

  /** The ops of a program, whose inputs have values by now. */
  append({ ops }: Program): void {
    for (const op of ops) {
      const inputs = this.#inputsOf(op)
      const byPiece = this.#emitByPiece(op, inputs)
      if (byPiece) this.values.set(op.outputs[0]!, byPiece)
      else this.#appendJoined(op, inputs)
    }
  }

  #appendJoined(op: Op, inputs: readonly Pieces[]): void {
    const node = this.#again(
      op,
      inputs.map((value) => this.#joined(value))
    )
    const { outputs } = COMPILED_OPS[op.name]!
    op.outputs.forEach((value, i) => {
      this.values.set(value, [{ name: `${node}:${outputs[i]!}:0`, shape: op.shapes[i]! }])
    })
  }

  /** An op as it was called, on other inputs. */
  #again({ name, attributes }: Op, inputs: readonly string[]): string {
    const encoded = Object.fromEntries(attributes.map((each) => [each.name, this.ops.encoded(each)]))
    return this.node(name, inputs, { ...COMPILED_OPS[name]!.inferred, ...encoded })
  }

  #inputsOf({ inputs }: Op): Pieces[] {
    return inputs.map((value) => {
      const known = this.values.get(value)
      if (known) return known
      const floats = this.held.floats(value)
      if (floats) return [floats]
      const integers = this.held.integers(value)
      return [{ name: this.#constant(INT32, integers), shape: integers.shape }]
    })
  }

  /** What an op makes of pieces, as pieces; undefined where it wants them joined. */
  #emitByPiece(op: Op, values: readonly Pieces[]): Pieces | undefined {
    const { name, inputs, shapes } = op
    if (name === 'ConcatV2') {
      const [axis] = this.held.integers(inputs.at(-1)!).int32
      return axis === 0 ? values.slice(0, -1).flat() : undefined
    }
    if (values.every((value) => value.length === 1)) return undefined
    if (COMPILED_OPS[name]!.elementwise) return this.#pieceByPiece(op, values)
    const [a, b] = values
    if (name === 'MatMul') return this.#productOfRows(op, a!, b!)
    if (a!.length === 1) return undefined
    if (name === 'Reshape') return shapes[0]!.length === 1 && a![0]!.shape.length === 1 ? a : undefined
    if (name !== 'Slice') return undefined
    const [begin, size] = inputs.slice(1).map((handle) => this.held.integers(handle).int32)
    return size!.length === 1 ? this.#sliced(a!, begin![0]!, size![0]!) : undefined
  }

  /** (A; B)' (C; D) = A'C + B'D */
  #productOfRows({ attributes, shapes }: Op, a: Pieces, b: Pieces): Pieces | undefined {
    const isSet = (name: string): boolean =>
      attributes.some((each) => each.name === name && each.value === true)
    if (!isSet('transpose_a') || isSet('transpose_b') || !haveSameRows(a, b)) return undefined
    const product = { T: { type: FLOAT }, transpose_a: { flag: true } }
    const products = a.map((piece, i) => this.value('MatMul', [piece.name, b[i]!.name], product))
    const total = products.reduce((sum, each) => this.value('AddV2', [sum, each]))
    return [{ name: total, shape: shapes[0]! }]
  }

  /** An elementwise op on vectors of which at least one is in pieces. */
  #pieceByPiece(op: Op, values: readonly Pieces[]): Pieces | undefined {
    const byPiece = values.find((value) => value.length > 1)!
    const length = op.shapes[0]![0]!
    const fitting = values.map((value): Pieces | undefined => {
      if (value.length > 1) return haveSameRows(value, byPiece) ? value : undefined
      const { name, shape } = value[0]!
      if (shape.length === 0) return byPiece.map(() => value[0]!)
      if (shape.length > 1 || shape[0] !== length) return undefined
      let offset = 0
      return byPiece.map((piece) => {
        offset += piece.shape[0]!
        return { name: this.slice(name, offset - piece.shape[0]!, piece.shape[0]!), shape: piece.shape }
      })
    })
    if (op.shapes[0]!.length !== 1 || !fitting.every((value) => value !== undefined)) return undefined
    const [output] = COMPILED_OPS[op.name]!.outputs
    return byPiece.map(({ shape }, i) => {
      const inputs = fitting.map((value) => value[i]!.name)
      return { name: `${this.#again(op, inputs)}:${output!}:0`, shape }
    })
  }

  #sliced(vector: Pieces, begin: number, size: number): Pieces {
    const end = begin + size
    let offset = 0
    return vector.flatMap((piece) => {
      const length = piece.shape[0]!
      const [from, to] = [Math.max(begin - offset, 0), Math.min(end - offset, length)]
      offset += length
      if (from >= to) return []
      if (to - from === length) return [piece]
      return [{ name: this.slice(piece.name, from, to - from), shape: [to - from] }]
    })
  }

  #joined(value: Pieces): string {
    if (value.length === 1) return value[0]!.name
    const attributes = { N: { integer: value.length }, T: { type: FLOAT }, Tidx: { type: INT32 } }
    for (const { shape } of value) this.joined += shape.reduce((size, side) => size * side, 1)
    return this.value('ConcatV2', [...value.map(({ name }) => name), this.integers([0], [])], attributes)
  }

  #constant(type: number, value: AttributeValue): string {
    return this.value('Const', [], { dtype: { type }, value })
  }
}

/** Of ops that no program calls. */
const OUTPUTS: Readonly<Record<string, string>> = { Const: 'output', GatherV2: 'output', Less: 'z' }

function haveSameRows(a: Pieces, b: Pieces): boolean {
  return a.length === b.length && a.every(({ shape }, i) => shape[0] === b[i]!.shape[0])
}
