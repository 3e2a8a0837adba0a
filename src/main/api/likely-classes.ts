import { wordsOf } from '../datasets'
import type { ExampleSelection } from '../datasets'
import { nearestOfClass } from './nearest-examples'
import { wordIndex } from './word-index'

/** Examples that have a say. */
const NEIGHBOURS = 40

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
  const { wordsIn, rarity } = await wordIndex(examples)
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
