import path from 'node:path'

/** Of programs of a checkout; none of them is data. */
const SCRIPT = /\.[cm]?js$/

/**
 * The data that a start names, as "Open With" passes it, from whatever folder: whether it is there and can be read is for
 * the window to say.
 * @param own words that name the program itself
 */
export function namedSource(
  words: readonly string[],
  folder: string,
  own: readonly (string | undefined)[] = []
): string | undefined {
  const isOwn = (word: string): boolean => own.includes(word) || (own.length > 0 && SCRIPT.test(word))
  const word = words.slice(1).find((each) => each !== '' && !each.startsWith('-') && !isOwn(each))
  return word === undefined ? undefined : path.resolve(folder, word)
}

/** Where the window looks at it. */
export function importRoute(source: string): string {
  return `/datasets/import?source=${encodeURIComponent(source)}`
}
