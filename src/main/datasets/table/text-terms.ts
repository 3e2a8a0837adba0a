import { termRows, type TermKind, type TermRows } from '../../../shared/numerics/term-rows'
import { wordsOf } from './text-words'

/** Letters of a piece of a word, the space before and after it counted. */
const SHORTEST = 3
const LONGEST = 5

/** The different terms of texts as numbers. Two terms may share one, hardly ever: of 10^5 about two pairs do. */
export function termsOf(texts: readonly string[], kind: TermKind): TermRows {
  return termRows(texts.map((text) => (kind === 'words' ? wordNumbers(text) : pieceNumbers(text))))
}

function wordNumbers(text: string): Iterable<number> {
  return new Set(Array.from(wordsOf(text), hashOf))
}

function pieceNumbers(text: string): Iterable<number> {
  const found = new Set<number>()
  for (const word of wordsOf(text)) {
    const letters = Array.from(` ${word} `)
    for (let from = 0; from < letters.length; from++) {
      let piece = ''
      for (let i = from; i < Math.min(letters.length, from + LONGEST); i++) {
        piece += letters[i]!
        if (i - from + 1 >= SHORTEST) found.add(hashOf(piece))
      }
    }
  }
  return found
}

/** FNV-1a over UTF-16 units, not negative. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 1
}
