// Reading MNIST's 60,000 training images from IDX into a workspace: npm run bench -- import [--rounds n]
// Data: MNIST in BILEVEL_TEST_DATA (default ../shared/data), as published (gzip) and unpacked.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { DatasetStore } from '@main/datasets'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const mnist = path.resolve(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data', 'mnist')
if (!existsSync(mnist)) {
  console.error(`There is no MNIST at ${mnist}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
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
} finally {
  rmSync(folder, { recursive: true, force: true })
}
