import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { META_FILE, readFileNames } from '@main/datasets/store/dataset-folder'
import { ORIGINAL_FILES } from '@main/datasets/store/originals'

/**
 * Turn a dataset that keeps its pictures into one that refers to them, as an import of many gigabytes does; `wrapper` makes a picture's
 * name one of the source. */
export function referTo(
  folder: string,
  root: string,
  wrapper: string | ((name: string) => string),
  pictures: ReadonlyMap<string, Buffer>
): void {
  const files = readFileNames(folder).map((name) => {
    const bytes = pictures.get(name)!
    return [
      typeof wrapper === 'string' ? wrapper + name : wrapper(name),
      bytes.length,
      createHash('sha256').update(bytes).digest('hex')
    ]
  })
  writeFileSync(path.join(folder, ORIGINAL_FILES), JSON.stringify({ root, files }))
  const file = path.join(folder, META_FILE)
  const meta = JSON.parse(readFileSync(file, 'utf8')) as { layout: object }
  writeFileSync(file, JSON.stringify({ ...meta, layout: { ...meta.layout, originals: 'source' } }))
  for (const name of ['originals.bin', 'originals.npy', 'content.json'])
    rmSync(path.join(folder, name), { force: true })
}
