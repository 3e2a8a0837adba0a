import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { FILE_ENDINGS } from '../../datasets'

/** The data that a start names: a file of a known ending, or a folder; as "Open With" passes it. */
export function namedSource(words: readonly string[], folder: string): string | undefined {
  // The first word is the program itself, and so is a script of a checkout.
  return words
    .slice(1)
    .filter((word) => !word.startsWith('-'))
    .map((word) => path.resolve(folder, word))
    .find(
      (file) =>
        existsSync(file) && statSync(file).isFile() && FILE_ENDINGS.some((end) => file.endsWith(`.${end}`))
    )
}

/** Where the window looks at it. */
export function importRoute(source: string): string {
  return `/datasets/import?source=${encodeURIComponent(source)}`
}
