import { setImmediate as nextTurn } from 'node:timers/promises'
import { wordsOf } from '../datasets'
import type { ExampleSelection } from '../datasets'

/** Texts read between two turns of the event loop. */
const BLOCK = 1000
/** Texts that are compared; of more only the first. */
const MOST_TEXTS = 50_000

/** The words of texts. */
export interface WordIndex {
  /** Of each text, the different ones. */
  readonly wordsIn: readonly ReadonlySet<string>[]
  /** Logarithm of how few texts hold a word. */
  readonly rarity: ReadonlyMap<string, number>
}

/** Of the selection asked for last: it is asked for example by example. */
let last: { readonly of: string; readonly index: Promise<WordIndex> } | undefined

/** Of a selection of texts, kept until another one is asked for. */
export function wordIndex(examples: ExampleSelection): Promise<WordIndex> {
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
