import type { DatasetMeta } from '../../shared/domain/dataset'
import { ReferencedOriginals } from './codecs/referenced-originals'
import { OriginalsReader } from './store/originals'

interface DatasetPlace {
  readonly folder: string
  readonly meta: DatasetMeta
}

/** Whether a dataset's encoded images are kept, in its folder or where they were imported from. */
export function hasOriginals({ layout: { originals } }: DatasetMeta): boolean {
  return originals === true || originals === 'source'
}

/** Encoded images of datasets, each dataset's opened when it is first asked for. Close it after use. */
export class KeptOriginals {
  readonly #own = new Map<string, OriginalsReader | undefined>()
  readonly #referenced = new Map<string, Promise<ReferencedOriginals>>()

  /**
   * The image that a row came from; undefined where none was kept.
   * @throws Failure conflict when it lies where it was imported from, and is another by now
   */
  async read({ folder, meta }: DatasetPlace, row: number): Promise<Buffer | undefined> {
    if (!hasOriginals(meta)) return undefined
    if (meta.layout.originals === 'source') return (await this.#referencedIn(folder)).read(row)
    if (!this.#own.has(folder)) this.#own.set(folder, OriginalsReader.open(folder))
    return this.#own.get(folder)?.read(row)
  }

  #referencedIn(folder: string): Promise<ReferencedOriginals> {
    const known = this.#referenced.get(folder)
    if (known) return known
    const opened = ReferencedOriginals.open(folder)
    // What could not be opened is tried again.
    opened.catch(() => this.#referenced.delete(folder))
    this.#referenced.set(folder, opened)
    return opened
  }

  close(): void {
    for (const originals of this.#own.values()) originals?.close()
    this.#own.clear()
    for (const opened of this.#referenced.values()) {
      void opened.then((referenced) => referenced.close()).catch(() => undefined)
    }
    this.#referenced.clear()
  }
}
