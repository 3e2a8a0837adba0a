import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { Failure } from '../../../shared/domain/failure'
import { ORIGINAL_FILES } from '../store/originals'
import { openImageTree, type ImageTree, type TreeFile } from './image-tree'
import { holdsPackedPictures, openPackedTree } from './packed-tree'
import { lookAt } from './source-look'

const note = z.object({
  /** Folder or zip that holds them, absolute. */
  root: z.string(),
  encoding: z.string().optional(),
  /** Path in it, bytes and SHA-256 of each picture, row by row. */
  files: z.array(z.tuple([z.string(), z.number(), z.string()]))
})

/** Opening a source lists all its files: it stays open for so long after its last picture was read. */
const IDLE_MS = 60_000
const shared = new Map<string, { readonly opened: Promise<ReferencedOriginals>; idle?: NodeJS.Timeout }>()

/** The pictures of a dataset for one who looks at them a few at a time; closed when nobody did for a minute. */
export function sharedReferences(folder: string): Promise<ReferencedOriginals> {
  const present = shared.get(folder) ?? { opened: ReferencedOriginals.open(folder) }
  shared.set(folder, present)
  clearTimeout(present.idle)
  const forget = (): void => {
    if (shared.get(folder) === present) shared.delete(folder)
  }
  present.idle = setTimeout(() => {
    forget()
    void present.opened.then((originals) => originals.close()).catch(() => undefined)
  }, IDLE_MS).unref()
  present.opened.catch(forget)
  return present.opened
}

/** Pictures too large to be kept with their dataset, read from where they were imported. */
export class ReferencedOriginals {
  readonly #files: Map<string, TreeFile>

  private constructor(
    private readonly noted: z.infer<typeof note>,
    private readonly tree: ImageTree
  ) {
    this.#files = new Map(tree.images.map((file) => [file.path, file]))
  }

  /** @throws Failure conflict when the source is gone */
  static async open(folder: string): Promise<ReferencedOriginals> {
    const noted = note.parse(JSON.parse(readFileSync(path.join(folder, ORIGINAL_FILES), 'utf8')))
    if (!existsSync(noted.root)) throw changed(noted.root, 'is gone')
    const look = await lookAt(noted.root)
    const isPacked = (await holdsPackedPictures(look)) !== undefined
    const tree = isPacked ? (await openPackedTree(look, {})).tree : await openImageTree(look, noted.encoding)
    return new ReferencedOriginals(noted, tree)
  }

  /** @throws Failure conflict when the picture is another by now */
  async read(row: number): Promise<Buffer> {
    const [name, size, sha256] = this.noted.files[row]!
    const file = this.#files.get(name)
    if (!file) throw changed(path.join(this.noted.root, name), 'is gone')
    const bytes = await file.read()
    if (bytes.length !== size || createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw changed(file.name, 'was changed')
    }
    return bytes
  }

  async close(): Promise<void> {
    await this.tree.close()
  }
}

function changed(name: string, how: string): Failure {
  return new Failure(
    'conflict',
    `${name} ${how} since it was imported, so it cannot be copied.`,
    'Put it back as it was, or import it again.'
  )
}
