import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UMAP } from 'umap-js'
import { selectBackend } from '../../../engine/backends'
import { nearestNeighbours } from '../../../engine/numerics/nearest-neighbours'
import type { Neighbours } from '../../../engine/numerics/nearest-neighbours'
import type { Rows } from '../../../engine/numerics/principal-components'
import { Random } from '../../../shared/numerics/random'
import { MAP_FILES, VECTORS_FILE } from '../survey-files'
import { readSurvey } from '../survey-store'
import { evenly } from './example-vectors'
import type { Tell } from './survey-progress'

/** Examples that are laid out by each other; further ones are placed between those nearest to them. */
const LAID_OUT = 20_000
const NEIGHBOURS = 15
/** Nearest laid-out examples that a further one is placed between. */
const BETWEEN = 3
const EPOCHS = 200
const MIN_DISTANCE = 0.1
const SEED = 0

/** Lay out the map of a survey by UMAP (McInnes, Healy and Melville 2018), from its vectors. */
export async function layOutByUmap(folder: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const { count } = readSurvey(folder)
  const values = floats(path.join(folder, VECTORS_FILE))
  const width = values.length / count
  const all: Rows = { values, count, width }
  const chosen = evenly(count, LAID_OUT)
  const known = rowsOf(all, chosen)
  await selectBackend('auto')
  const places = await layOut(known, tell, signal)
  const plane = chosen.length === count ? places : between(all, known, chosen, places, tell, signal)
  const file = path.join(folder, MAP_FILES.umap)
  writeFileSync(`${file}.new`, new Uint8Array(plane.buffer))
  renameSync(`${file}.new`, file)
}

async function layOut(rows: Rows, tell: Tell, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
  const { count } = rows
  const near = nearestNeighbours(
    rows,
    rows,
    NEIGHBOURS - 1,
    (row) => row,
    (done) => {
      signal.throwIfAborted()
      tell('comparing examples', done, count)
    }
  )
  const random = Random.derive(SEED, 'umap')
  const umap = new UMAP({
    nNeighbors: NEIGHBOURS,
    minDist: MIN_DISTANCE,
    nEpochs: EPOCHS,
    random: () => random.uniform()
  })
  const { indices, distances } = withThemselves(near, count)
  umap.setPrecomputedKNN(indices, distances)
  // umap-js reads nothing of the rows but their number where neighbours are given.
  const epochs = umap.initializeFit(Array.from({ length: count }, (_, i) => [...rowOf(rows, i)]))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    if (epoch % 5 > 0) continue
    tell('laying out the map', epoch, epochs)
    // So that a message to stop is met.
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  return Float32Array.from(umap.getEmbedding().flat())
}

/** As UMAP counts them: each row is its own nearest. */
function withThemselves(
  { k, places, distances }: Neighbours,
  count: number
): { indices: number[][]; distances: number[][] } {
  const of = (values: ArrayLike<number>, own: (row: number) => number): number[][] =>
    Array.from({ length: count }, (_, row) => [
      own(row),
      ...Array.from({ length: k }, (__, i) => values[row * k + i]!)
    ])
  return { indices: of(places, (row) => row), distances: of(distances, () => 0) }
}

/** Rows that were not laid out, between the nearest that were, weighted by how near. */
function between(
  all: Rows,
  known: Rows,
  chosen: Int32Array,
  places: Float32Array,
  tell: Tell,
  signal: AbortSignal
): Float32Array<ArrayBuffer> {
  const at = new Map(Array.from(chosen, (row, i) => [row, i]))
  const near = nearestNeighbours(
    all,
    known,
    BETWEEN,
    (row) => at.get(row) ?? -1,
    (done) => {
      signal.throwIfAborted()
      tell('placing the other examples', done, all.count)
    }
  )
  const plane = new Float32Array(2 * all.count)
  for (let row = 0; row < all.count; row++) {
    const own = at.get(row)
    let total = 0
    for (let i = 0; i < near.k; i++) {
      const place = own ?? near.places[row * near.k + i]!
      const weight = 1 / (near.distances[row * near.k + i]! + 1e-6)
      total += weight
      plane[2 * row]! += weight * places[2 * place]!
      plane[2 * row + 1]! += weight * places[2 * place + 1]!
    }
    plane[2 * row]! /= total
    plane[2 * row + 1]! /= total
  }
  return plane
}

function rowsOf({ values, width }: Rows, chosen: Int32Array): Rows {
  const own = new Float32Array(chosen.length * width)
  chosen.forEach((row, i) => own.set(values.subarray(row * width, (row + 1) * width), i * width))
  return { values: own, count: chosen.length, width }
}

function rowOf({ values, width }: Rows, row: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width)
}

function floats(file: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(file)).buffer)
}
