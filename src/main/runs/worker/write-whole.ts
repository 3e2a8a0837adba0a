import { rename, writeFile } from 'node:fs/promises'

/** Write beside and rename, so that a half-written file is never seen. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const next = `${file}.next`
  await writeFile(next, content)
  await rename(next, file)
}
