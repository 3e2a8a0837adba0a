import type { AdamDecay } from '../../tensors/kernels'
import { FunctionBody } from './function-body'
import type { Piece, Pieces } from './function-body'
import { BOOL, FLOAT, INT32, savedModel } from './graph-messages'
import type { GraphFunction, GraphNode } from './graph-messages'
import { HeldValues } from './held-values'
import type { Handle, NativeOps } from './native-ops'
import type { Stages } from './passes'
import type { Program, Value } from './program'

/** A descent as one graph to be compiled, with the names by which it is called. */
export interface DescentGraph {
  /** Of a saved model. */
  readonly bytes: Uint8Array
  /** Of v, first, second, the steps' rates, their epsilons, the batch's inputs, then `held`. */
  readonly feeds: readonly string[]
  /** Of v, first, second, the last direction, then the conclusion's values. */
  readonly fetches: readonly string[]
  /** Values that stay from batch to batch. */
  readonly held: readonly Handle[]
}

export const TAG = 'bilevel'

export interface Loop extends AdamDecay {
  readonly steps: number
  /** See DescentProgram (tensors/kernels.ts). */
  readonly transposed: readonly [number, number] | undefined
}

const VECTORS = ['v', 'first', 'second', 'last'] as const

/** Joining more than this in a loop costs more than compiling it gains. */
const MOST_TO_JOIN = 2000

/**
 * What a batch is prepared by, Adam's steps along a recorded direction, and the conclusion. v, its moments and the
 * direction are kept in the pieces of which the direction is joined.
 * @returns undefined where there is an op that is not compiled, or a value of another type than float32
 */
export function descentGraph(ops: NativeOps, stages: Stages, loop: Loop): DescentGraph | undefined {
  const { preparation, direction, conclusion } = stages
  const held = HeldValues.of(ops, [preparation, direction, conclusion])
  const batch = preparation.inputs.map((handle, i) => ({ ...ops.about(handle), name: `input${i}` }))
  if (!held || batch.some(({ dtype }) => dtype !== FLOAT)) return undefined

  const graph = new FunctionBody(ops, held)
  preparation.inputs.forEach((value, i) => graph.values.set(value, [batch[i]!]))
  graph.append(preparation)
  const read = new Set(direction.ops.flatMap(({ inputs }) => inputs))
  const shared = stages.shared
    .filter((value) => read.has(value))
    .map((value) => ({ value, pieces: graph.values.get(value)! }))
  const lengths = pieceLengths(ops, held, direction, shared)
  const state = new LoopState(lengths, shared, held.names)
  const step = stepFunction(ops, held, direction, state, loop)
  if (!step) return undefined

  const start = VECTORS.slice(0, 3).map((name) =>
    loop.transposed ? graph.transposed(name, loop.transposed) : name
  )
  // There is no last direction yet: anything of its shape.
  const initial = [...start, start[1]!].flatMap((vector) => piecesOf(graph, vector, lengths))
  const repeated = graph.node('StatelessWhile', [graph.integers([0], []), ...initial, ...state.unchanged], {
    T: { types: state.names.map(typeOf) },
    cond: { called: 'GoesOn' },
    body: { called: 'Step' }
  })
  const ends = VECTORS.map((vector) =>
    state
      .of(vector)
      .map((piece) => ({ ...piece, name: `${repeated}:output:${state.names.indexOf(piece.name)}` }))
  )
  const [v, last] = conclusion.inputs
  graph.values.set(v!, ends[0]!).set(last!, ends[3]!)
  graph.append(conclusion)
  const { transposed } = loop
  const back = (pieces: Pieces): Pieces =>
    transposed
      ? [{ ...pieces[0]!, name: graph.transposed(pieces[0]!.name, [transposed[1], transposed[0]]) }]
      : pieces
  const results = [...ends.map(back), ...conclusion.results.map((value) => graph.values.get(value)!)]
  const given = ['v', 'first', 'second', 'rates', 'epsilons', ...batch.map(({ name }) => name), ...held.names]
  const descent: GraphFunction = {
    name: 'Descent',
    inputs: given.map(argument),
    outputs: results.flat().map(({ name }, i) => ({ name: `result${i}`, type: FLOAT, value: name })),
    nodes: graph.nodes
  }
  const joins = joinedResults(results)
  const nodes = [...given.map(placeholder), call(given, results.flat().length), ...joins.nodes]
  return {
    bytes: savedModel(nodes, [descent, step, goesOn(ops, held, state.names, loop)], TAG),
    feeds: given.map((name) => `${name}:0`),
    fetches: joins.names,
    held: held.handles
  }
}

interface Shared {
  readonly value: Value
  readonly pieces: Pieces
}

/** What the loop hands from step to step. */
class LoopState {
  readonly names: readonly string[]
  /** Values of what is handed round unchanged, where the loop begins. */
  readonly unchanged: readonly string[]
  readonly #lengths: readonly number[]
  readonly #shared: readonly Shared[]

  constructor(lengths: readonly number[], shared: readonly Shared[], held: readonly string[]) {
    this.#lengths = lengths
    this.#shared = shared
    const pieces = shared.flatMap((each) => each.pieces)
    this.unchanged = ['rates', 'epsilons', ...pieces.map(({ name }) => name), ...held]
    const vectors = VECTORS.flatMap((name) => this.of(name).map((piece) => piece.name))
    const within = [...this.shared().values()].flat().map(({ name }) => name)
    this.names = ['step', ...vectors, 'rates', 'epsilons', ...within, ...held]
  }

  of(vector: string): Piece[] {
    return this.#lengths.map((length, i) => ({ name: `${vector}${i}`, shape: [length] }))
  }

  /** As they are called within the loop. */
  shared(): Map<Value, Pieces> {
    return new Map(
      this.#shared.map(({ value, pieces }) => [
        value,
        pieces.map((piece, i) => ({ ...piece, name: `shared${value}_${i}` }))
      ])
    )
  }
}

/** The lengths of the pieces of which a direction is joined. */
function pieceLengths(
  ops: NativeOps,
  held: HeldValues,
  direction: Program,
  shared: readonly Shared[]
): number[] {
  const trial = new FunctionBody(ops, held)
  for (const { value, pieces } of shared) trial.values.set(value, pieces)
  trial.values.set(direction.inputs[0]!, [{ name: 'v', shape: direction.ops.at(-1)!.shapes[0]! }])
  trial.append(direction)
  return trial.values.get(direction.results[0]!)!.map(({ shape }) => shape[0]!)
}

function piecesOf(body: FunctionBody, vector: string, lengths: readonly number[]): string[] {
  if (lengths.length === 1) return [vector]
  let offset = 0
  return lengths.map((length) => {
    offset += length
    return body.slice(vector, offset - length, length)
  })
}

/** One step, from a state to the next. */
function stepFunction(
  ops: NativeOps,
  held: HeldValues,
  direction: Program,
  state: LoopState,
  loop: Loop
): GraphFunction | undefined {
  const body = new FunctionBody(ops, held)
  for (const [value, pieces] of state.shared()) body.values.set(value, pieces)
  body.values.set(direction.inputs[0]!, state.of('v'))
  body.append(direction)
  if (body.joined > MOST_TO_JOIN) return undefined
  const oneMore = body.value('AddV2', ['step', body.integers([1], [])], { T: { type: INT32 } })
  const changed = new Map([['step', oneMore]])
  const along = body.values.get(direction.results[0]!)!
  along.forEach(({ name }, i) => {
    const [v, first, second, last] = VECTORS.map((vector) => state.of(vector)[i]!.name)
    const moved = adam(body, { v: v!, first: first!, second: second! }, name, loop)
    changed.set(v!, moved.v).set(first!, moved.first).set(second!, moved.second).set(last!, name)
  })
  return {
    name: 'Step',
    inputs: state.names.map(argument),
    outputs: state.names.map((name) => ({
      name: `next_${name}`,
      type: typeOf(name),
      value: changed.get(name) ?? name
    })),
    nodes: body.nodes
  }
}

interface Moving {
  readonly v: string
  readonly first: string
  readonly second: string
}

/** Adam's step; bias corrections are folded into its rate and epsilon. */
function adam(body: FunctionBody, { v, first, second }: Moving, along: string, decay: AdamDecay): Moving {
  const ofStep = (name: string): string => {
    const types = { Tparams: { type: FLOAT }, Tindices: { type: INT32 }, Taxis: { type: INT32 } }
    return body.value('GatherV2', [name, 'step', body.integers([0], [])], types)
  }
  const mixed = (moment: string, beta: number, value: string): string =>
    body.value('AddV2', [
      body.value('Mul', [moment, body.float(beta)]),
      body.value('Mul', [value, body.float(1 - beta)])
    ])
  const m = mixed(first, decay.beta1, along)
  const s = mixed(second, decay.beta2, body.value('Square', [along]))
  const spread = body.value('AddV2', [body.value('Sqrt', [s]), ofStep('epsilons')])
  const change = body.value('RealDiv', [body.value('Mul', [m, ofStep('rates')]), spread])
  return { v: body.value('Sub', [v, change]), first: m, second: s }
}

function goesOn(ops: NativeOps, held: HeldValues, state: readonly string[], { steps }: Loop): GraphFunction {
  const body = new FunctionBody(ops, held)
  const value = body.value('Less', ['step', body.integers([steps], [])], { T: { type: INT32 } })
  return {
    name: 'GoesOn',
    inputs: state.map(argument),
    outputs: [{ name: 'goes_on', type: BOOL, value }],
    nodes: body.nodes
  }
}

function call(given: readonly string[], results: number): GraphNode {
  return {
    name: 'descent',
    op: 'StatefulPartitionedCall',
    inputs: given,
    attributes: {
      Tin: { types: given.map(() => FLOAT) },
      Tout: { types: new Array<number>(results).fill(FLOAT) },
      f: { called: 'Descent' },
      _XlaMustCompile: { flag: true }
    }
  }
}

/** Pieces are joined by TensorFlow's own op, after the compiled part. */
function joinedResults(results: readonly Pieces[]): { nodes: GraphNode[]; names: string[] } {
  const axis = { dtype: { type: INT32 }, value: { int32: [0], shape: [] } }
  const nodes: GraphNode[] = [{ name: 'axis', op: 'Const', inputs: [], attributes: axis }]
  let place = 0
  const names = results.map((value, i) => {
    const pieces = value.map(() => `descent:${place++}`)
    if (pieces.length === 1) return pieces[0]!
    const attributes = { N: { integer: pieces.length }, T: { type: FLOAT }, Tidx: { type: INT32 } }
    nodes.push({ name: `joined${i}`, op: 'ConcatV2', inputs: [...pieces, 'axis'], attributes })
    return `joined${i}:0`
  })
  return { nodes, names }
}

function placeholder(name: string): GraphNode {
  return { name, op: 'Placeholder', inputs: [], attributes: { dtype: { type: FLOAT } } }
}

function typeOf(name: string): number {
  return name === 'step' ? INT32 : FLOAT
}

function argument(name: string): { name: string; type: number } {
  return { name, type: typeOf(name) }
}
