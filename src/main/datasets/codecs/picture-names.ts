import { oneSpelling } from '../class-names'
import { IMAGE_FILE } from '../pictures/decode-image'
import { splitWord } from './splits'

/**
 * Finds pictures by what tables call them: a path from the table's folder or from the dataset's, more or less of its
 * folders, with or without the ending of the file.
 */
export class PictureNames {
  readonly #byPath = new Map<string, number>()
  /** By file name alone, and by that without its ending. */
  readonly #byName = new Map<string, number[]>()

  constructor(private readonly paths: readonly string[]) {
    paths.forEach((path, image) => {
      const key = oneSpelling(path)
      this.#byPath.set(key, image)
      this.#byPath.set(key.replace(IMAGE_FILE, ''), image)
      const name = key.slice(key.lastIndexOf('/') + 1)
      for (const known of new Set([name, name.replace(IMAGE_FILE, '')])) {
        const same = this.#byName.get(known)
        if (same) same.push(image)
        else this.#byName.set(known, [image])
      }
    })
  }

  /**
   * The picture that `name` means in a table of `folder` ('' or with its slash); `split` is what the table's own name
   * speaks of, where several pictures share the name.
   */
  find(name: string, folder: string, split: string | undefined): number | 'several' | undefined {
    const parts = oneSpelling(name.trim())
      .replaceAll('\\', '/')
      .split('/')
      .filter((part) => part !== '' && part !== '.')
    if (parts.length === 0 || parts.includes('..')) return undefined
    for (let from = 0; from < parts.length; from++) {
      const rest = parts.slice(from).join('/')
      const found = this.#byPath.get(oneSpelling(folder) + rest) ?? this.#byPath.get(rest)
      if (found !== undefined) return found
    }
    const same = this.#byName.get(parts.at(-1)!) ?? []
    if (same.length < 2) return same[0]
    const below = same.filter((image) => this.paths[image]!.startsWith(folder))
    const ofSplit = below.filter((image) =>
      this.paths[image]!.split('/').some((part) => splitWord(part) === split)
    )
    const [only, ...more] = split !== undefined && ofSplit.length > 0 ? ofSplit : below
    return more.length > 0 || only === undefined ? 'several' : only
  }
}
