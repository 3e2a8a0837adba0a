/** Characters of a text whose words are looked at. */
const MOST_CHARACTERS = 20_000
/** Longer ones are addresses and keys. */
const LONGEST_WORD = 40

/** Words and numbers, with what is written within them; signs that say something by themselves. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’.][\p{L}\p{M}\p{N}]+)*|[!?%]|\p{Sc}|\p{Extended_Pictographic}/gu
/** Scripts whose words stand side by side without a space. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u

/** Made once: it reads the dictionaries of these scripts. */
let segmenter: Intl.Segmenter | undefined

/** Whether a text has words with nothing between them, so that counting spaces says nothing of their number. */
export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text)
}

/** The different words of a text, in lower case, in the order in which they occur first. */
export function wordsOf(text: string): Set<string> {
  const plain = text.slice(0, MOST_CHARACTERS).normalize('NFC').toLowerCase()
  const words = new Set<string>()
  for (const [run] of plain.matchAll(WORD)) {
    if (!isUnspaced(run)) {
      if (run.length <= LONGEST_WORD) words.add(run)
      continue
    }
    segmenter ??= new Intl.Segmenter('und', { granularity: 'word' })
    for (const { segment } of segmenter.segment(run)) if (segment.length <= LONGEST_WORD) words.add(segment)
  }
  return words
}

/**
 * Which of the known words a text has, each with the share that makes a row of length 1: a long text does not count more
 * than a short one. Neither how often a word occurs in a text nor how rare it is told more of labels (docs/experiments.md).
 */
export function wordShares(text: string, known: { has(word: string): boolean }): ReadonlyMap<string, number> {
  const found = [...wordsOf(text)].filter((word) => known.has(word))
  const share = Math.fround(1 / Math.sqrt(found.length))
  return new Map(found.map((word) => [word, share]))
}
