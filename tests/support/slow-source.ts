import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'

/** Side in pixels: decoding one such picture takes some milliseconds. */
const SIDE = 1600

/** Pictures of noise by their side: making one takes as long as decoding forty. */
const made = new Map<number, Promise<Buffer>>()

/** A folder of two classes of large pictures: importing it takes seconds, so that there is time to break in. */
export async function slowSource(folder: string, count = 240, side = SIDE): Promise<string> {
  const classes = ['cats', 'dogs'].map((name) => path.join(folder, name))
  for (const place of classes) mkdirSync(place, { recursive: true })
  const first = path.join(classes[0]!, '0.jpg')
  writeFileSync(first, await noise(side))
  // One picture under many names: the disk is not what this is about.
  for (let i = 1; i < count; i++) linkSync(first, path.join(classes[i % 2]!, `${i}.jpg`))
  return folder
}

function noise(side: number): Promise<Buffer> {
  const grain = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const picture =
    made.get(side) ??
    sharp({ create: { width: side, height: side, channels: 3, background: 'grey', noise: grain } })
      .jpeg()
      .toBuffer()
  made.set(side, picture)
  return picture
}
