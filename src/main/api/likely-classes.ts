import { setImmediate as nextTurn } from 'node:timers/promises'
import { wordsOf } from '../datasets'
import type { ExampleSelection } from '../datasets'
import { nearestOfClass } from './nearest-examples'

/** Examples that have a say. */
const NEIGHBOURS = 40
/** Texts read between two turns of the event loop. */
const BLOCK = 1000
/** Texts that are compared; of more only the first. */
const MOST_TEXTS = 50_000

/**
 * The classes that an example likely has, the likeliest first: votes of the examples most alike, by pixels, features or
 * words, nearer ones counting more. No run is needed, and none is better than this before there was one.
 */
export async function likelyClasses(
  examples: ExampleSelection,
  row: number,
  most: number
): Promise<number[]> {
  const alike = examples.hasTexts ? await likeInWords(examples, row) : await likeInFeatures(examples, row)
  const votes = new Map<number, number>()
  for (const { row: other, weight } of alike) {
    if (other === row) continue
    const label = examples.labels[other]!
    votes.set(label, (votes.get(label) ?? 0) + weight)
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, most)
    .map(([label]) => label)
}

interface Alike {
  readonly row: number
  readonly weight: number
}

async function likeInFeatures(examples: ExampleSelection, row: number): Promise<Alike[]> {
  const nearest = await nearestOfClass(examples, null, examples.readRows([row]), NEIGHBOURS + 1)
  return nearest.map((neighbour, rank) => ({ row: neighbour.row, weight: 1 / (rank + 1) }))
}

/** Cosine of words weighted by how rare they are (tf-idf). */
async function likeInWords(examples: ExampleSelection, row: number): Promise<Alike[]> {
  const { wordsIn, rarity } = await indexOf(examples)
  const own = wordsIn[row] ?? wordsOf(examples.readTexts(row, row + 1)[0] ?? '')
  const scores = wordsIn.map((words, other) => {
    let [shared, all] = [0, 0]
    for (const word of words) {
      const weight = (rarity.get(word) ?? 0) ** 2
      all += weight
      if (own.has(word)) shared += weight
    }
    return { row: other, weight: all > 0 ? shared / Math.sqrt(all) : 0 }
  })
  return scores.sort((a, b) => b.weight - a.weight).slice(0, NEIGHBOURS + 1)
}

interface WordIndex {
  /** Of each text, the different ones. */
  readonly wordsIn: readonly ReadonlySet<string>[]
  readonly rarity: ReadonlyMap<string, number>
}

/** Of the selection asked for last: it is asked for example by example. */
let last: { readonly of: string; readonly index: Promise<WordIndex> } | undefined

function indexOf(examples: ExampleSelection): Promise<WordIndex> {
  const of = examples.ranges.map(({ meta, from, to }) => `${meta.id} ${from} ${to}`).join()
  if (last?.of !== of) last = { of, index: buildIndex(examples) }
  last.index.catch(() => (last = undefined))
  return last.index
}

async function buildIndex(examples: ExampleSelection): Promise<WordIndex> {
  const wordsIn: ReadonlySet<string>[] = []
  const counts = new Map<string, number>()
  const count = Math.min(MOST_TEXTS, examples.count)
  for (let from = 0; from < count; from += BLOCK) {
    for (const text of examples.readTexts(from, Math.min(count, from + BLOCK))) {
      const words = wordsOf(text)
      wordsIn.push(words)
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    await nextTurn()
  }
  const rarity = new Map([...counts].map(([word, n]) => [word, Math.log((1 + count) / (1 + n))]))
  return { wordsIn, rarity }
}
