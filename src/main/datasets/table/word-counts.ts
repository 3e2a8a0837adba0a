import { compareCodePoints } from '../class-names'
import { wordsOf } from './text-words'

/**
 * In how many texts each word occurs. Memory is bounded: where there are too many words, those met least go, as in lossy
 * counting (Manku and Motwani 2002); what many texts hold stays.
 */
export class WordCounts {
  readonly #counts = new Map<string, number>()
  #least = 1

  constructor(private readonly most: number) {}

  add(text: string): void {
    for (const word of wordsOf(text)) {
      const known = this.#counts.get(word)
      // A copy: the engine would keep all of the text that the word was cut from.
      if (known === undefined) this.#counts.set(Buffer.from(word).toString(), this.#least)
      else this.#counts.set(word, known + 1)
    }
    while (this.#counts.size > this.most) this.#forget()
  }

  #forget(): void {
    for (const [word, count] of this.#counts) if (count <= this.#least) this.#counts.delete(word)
    this.#least++
  }

  /** The words that most texts hold, at most so many, none that is in one text alone. */
  frequent(most: number): string[] {
    return [...this.#counts]
      .filter(([, count]) => count > 1)
      .sort(([a, n], [b, m]) => m - n || compareCodePoints(a, b))
      .slice(0, Math.max(0, most))
      .map(([word]) => word)
  }
}
