import type { TellingWord } from '../../shared/domain/table-view'
import type { ExampleSelection } from '../datasets'
import { wordsOf } from '../datasets'
import { wordIndex } from './word-index'

/** Words shown of a text. */
const MOST = 6
/** Added to each count: a word that few texts hold says little. */
const PRIOR = 1
/** Logarithm of a ratio of shares from which on a word is worth showing. */
const LEAST = Math.log(1.5)
/** Share of either class's texts below which a word says nothing of the class. */
const LEAST_SHARE = 0.01

/**
 * The words of an example's text that set two classes apart most, with the share of each class's texts that hold them, the
 * example itself not counted; none where the classes are the same, or the data hold no texts.
 */
export async function tellingWords(
  examples: ExampleSelection,
  row: number,
  { given, suggested }: { readonly given: number; readonly suggested: number }
): Promise<TellingWord[]> {
  if (given === suggested || !examples.hasTexts) return []
  const { wordsIn } = await wordIndex(examples)
  const own = wordsIn[row] ?? wordsOf(examples.readTexts(row, row + 1)[0] ?? '')
  const counts = new Map(Array.from(own, (word) => [word, { given: 0, suggested: 0 }]))
  const all = { given: 0, suggested: 0 }
  wordsIn.forEach((words, other) => {
    const label = examples.labels[other]!
    if (other === row || (label !== given && label !== suggested)) return
    const side = label === given ? 'given' : 'suggested'
    all[side]++
    for (const word of own) if (words.has(word)) counts.get(word)![side]++
  })
  if (all.given === 0 || all.suggested === 0) return []
  const smoothed = (side: 'given' | 'suggested', count: number): number =>
    (count + PRIOR) / (all[side] + 2 * PRIOR)
  return [...counts]
    .map(([word, count]) => ({
      word,
      given: count.given / all.given,
      suggested: count.suggested / all.suggested,
      speaks: Math.log(smoothed('suggested', count.suggested) / smoothed('given', count.given))
    }))
    .filter(({ speaks, ...shares }) => Math.abs(speaks) >= LEAST && isCommon(shares))
    .sort((a, b) => Math.abs(b.speaks) - Math.abs(a.speaks))
    .slice(0, MOST)
    .map(({ speaks: _, ...telling }) => telling)
}

function isCommon({ given, suggested }: Omit<TellingWord, 'word'>): boolean {
  return Math.max(given, suggested) >= LEAST_SHARE
}
