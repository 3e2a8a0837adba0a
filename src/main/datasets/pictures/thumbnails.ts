import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { asJpeg, fitted } from './shown-picture'

/** In a dataset's folder: small copies of its pictures, made when they are first looked at; no part of its content. */
const THUMBNAILS_FOLDER = 'thumbnails'
/** Longer side of a thumbnail, pixels. */
export const THUMBNAIL_SIDE = 256
/** About 300 MB; further ones are made each time. */
const MOST_KEPT = 20_000
/** Decoding a smaller file takes no longer than reading a thumbnail. */
const WORTH_KEEPING = 24 << 10

const END_OF_JPEG = Buffer.from([0xff, 0xd9])
/** How many each folder holds, about. */
const counts = new Map<string, number>()
let written = 0

/**
 * A picture small enough for a tile: what was kept, else made from the original and kept.
 * @param original its encoded bytes, read only where they are needed; undefined where there are none
 * @throws Failure bad-input when it cannot be decoded
 */
export async function thumbnail(
  folder: string,
  row: number,
  original: () => Promise<Buffer | undefined>
): Promise<Buffer | undefined> {
  const file = path.join(folder, THUMBNAILS_FOLDER, `${row}.jpg`)
  const kept = await readFile(file).catch(() => undefined)
  // A file that was cut by a crash is made again.
  if (kept?.subarray(-2).equals(END_OF_JPEG)) return kept
  const encoded = await original()
  if (!encoded || encoded.length < WORTH_KEEPING) return encoded
  const { bytes } = await asJpeg(await fitted(encoded, file, THUMBNAIL_SIDE))
  await keep(file, bytes)
  return bytes
}

/** A help that may fail: a full disk must not keep anybody from looking. */
async function keep(file: string, bytes: Buffer): Promise<void> {
  const folder = path.dirname(file)
  const partial = path.join(folder, `.${process.pid}-${written++}`)
  try {
    const count = counts.get(folder) ?? countIn(folder)
    counts.set(folder, count + 1)
    if (count >= MOST_KEPT) return
    await writeFile(partial, bytes)
    await rename(partial, file)
  } catch {
    await rm(partial, { force: true }).catch(() => undefined)
  }
}

function countIn(folder: string): number {
  // Not with its parents: a dataset that was removed meanwhile must not come back.
  if (!existsSync(folder)) mkdirSync(folder)
  return readdirSync(folder).length
}
