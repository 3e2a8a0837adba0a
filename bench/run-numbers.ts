import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import yauzl from 'yauzl'

const FILES = ['issues.csv', 'weights.npy', 'poisons.npz']
/** Of a report's metrics: what depends on the clock or the memory of the machine. */
const UNSTABLE = /seconds|bytes|perSecond/i

/** The numbers in a folder of results as hashes: of its metrics, and of each of its files that hold some. */
export async function numbersIn(outputDir: string): Promise<string> {
  const report = readReport(outputDir)
  const metrics = JSON.stringify(report.metrics, (key, value: unknown) =>
    UNSTABLE.test(key) ? undefined : value
  )
  const files = FILES.map((name) => path.join(outputDir, name)).filter(existsSync)
  return [
    `metrics ${hash(metrics)}`,
    ...(await Promise.all(files.map(async (file) => `${path.basename(file)} ${hash(await contentOf(file))}`)))
  ].join(', ')
}

/** A file's bytes; of an archive what is in it, however it is packed. */
async function contentOf(file: string): Promise<string | Buffer> {
  const bytes = readFileSync(file)
  if (!file.endsWith('.npz')) return bytes
  const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true })
  const entries: string[] = []
  for await (const { fileName, crc32 } of zip.eachEntry()) entries.push(`${fileName} ${crc32}`)
  return entries.join('\n')
}

function readReport(outputDir: string): { metrics: unknown } {
  return JSON.parse(readFileSync(path.join(outputDir, 'report.json'), 'utf8')) as { metrics: unknown }
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
