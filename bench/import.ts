// Reading MNIST's 60,000 training images from IDX, and a folder of photographs, into a workspace:
// npm run bench -- import [--rounds n]. Photographs are drawn here; beside their import stands what reading and decoding
// the same files takes with nothing else done, on as many cores. Data: MNIST in BILEVEL_TEST_DATA (default ../shared/data), as published (gzip) and unpacked.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import sharp from 'sharp'
import { DatasetStore } from '@main/datasets'
import { Random } from '@shared/numerics/random'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const mnist = path.resolve(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data', 'mnist')
if (!existsSync(mnist)) {
  console.error(`There is no MNIST at ${mnist}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}
const PHOTOGRAPHS = 800
const SIDE = 224

/** Soft blobs with some grain in two classes, as JPEG. @returns the files */
async function drawPhotographs(into: string): Promise<string[]> {
  const random = new Random(4)
  const drawn: string[] = []
  for (let i = 0; i < PHOTOGRAPHS; i++) {
    const blobs = Buffer.from(Uint8Array.from({ length: 8 * 8 * 3 }, () => random.below(256)))
    const soft = await sharp(blobs, { raw: { width: 8, height: 8, channels: 3 } })
      .resize(SIDE, SIDE, { kernel: 'cubic' })
      .raw()
      .toBuffer()
    const grain = soft.map((value) => Math.min(255, Math.max(0, value + random.below(17) - 8)))
    const file = path.join(into, i % 2 ? 'one' : 'other', `${i}.jpg`)
    mkdirSync(path.dirname(file), { recursive: true })
    await sharp(grain, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(file)
    drawn.push(file)
  }
  return drawn
}

async function comparePhotographs(): Promise<void> {
  const source = path.join(folder, 'photographs')
  const drawn = await drawPhotographs(source)
  const spent: { wall: number; cores: number; decoding: number }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    sharp.concurrency(1)
    const alone = performance.now()
    for (let i = 0; i < drawn.length; i += 64) {
      await Promise.all(
        drawn.slice(i, i + 64).map(async (file) =>
          sharp(await readFile(file))
            .raw()
            .toBuffer()
        )
      )
    }
    const decoding = (performance.now() - alone) / 1000
    const store = new DatasetStore(path.join(folder, `photographs-${round}`, 'datasets'))
    const begun = performance.now()
    const before = process.cpuUsage()
    await store.importFrom(source, {}, {})
    const { user, system } = process.cpuUsage(before)
    const wall = (performance.now() - begun) / 1000
    spent.push({ wall, cores: (user + system) / 1e6 / wall, decoding })
  }
  const median = (of: (each: (typeof spent)[number]) => number): number =>
    spent.map(of).sort((a, b) => a - b)[spent.length >> 1]!
  const megabytes = (PHOTOGRAPHS * SIDE * SIDE * 3) / 1e6
  console.log(
    `\n${PHOTOGRAPHS} JPEG of ${SIDE} x ${SIDE}: ${(megabytes / median(({ wall }) => wall)).toFixed(0)} MB of pixels a second, ` +
      `${median(({ cores }) => cores).toFixed(2)} of ${os.availableParallelism()} cores busy; reading and decoding alone takes ` +
      `${(100 * median(({ decoding, wall }) => decoding / wall)).toFixed(0)} % of the import's time.`
  )
}

const FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-import-'))
try {
  const packed = path.join(folder, 'packed')
  const plain = path.join(folder, 'plain')
  for (const each of [packed, plain]) mkdirSync(each)
  for (const file of FILES) {
    copyFileSync(path.join(mnist, `${file}.gz`), path.join(packed, `${file}.gz`))
    writeFileSync(path.join(plain, file), gunzipSync(readFileSync(path.join(mnist, `${file}.gz`))))
  }
  const sources = { 'IDX, unpacked': plain, 'IDX, gzip as published': packed }
  const speeds = new Map(Object.keys(sources).map((name) => [name, [] as number[]]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, source] of Object.entries(sources)) {
      const store = new DatasetStore(path.join(folder, `workspace-${round}-${name.length}`, 'datasets'))
      const begun = performance.now()
      const { count } = await store.importFrom(source, {}, {})
      speeds.get(name)!.push((count * 784) / 1e6 / ((performance.now() - begun) / 1000))
    }
  }
  console.log('| source | MB of pixels a second, median | best |\n|---|---|---|')
  for (const [name, list] of speeds) {
    const sorted = [...list].sort((a, b) => a - b)
    console.log(`| ${name} | ${sorted[sorted.length >> 1]!.toFixed(0)} | ${sorted.at(-1)!.toFixed(0)} |`)
  }
  await comparePhotographs()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
