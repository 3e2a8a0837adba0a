// A process of its own that does one piece of work on a dataset and reports its memory: started by tests and
// benchmarks as `node --import tsx measure-datasets.ts <work> <workspace> <source> [format] [out]`.
import path from 'node:path'
import { DatasetStore, exportDataset, resolveReference } from '@main/datasets'
import type { DatasetFormat } from '@shared/domain/dataset'

const [work, workspace = '', source = '', format = '', out = ''] = process.argv.slice(2)

async function main(): Promise<void> {
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const selection = work === 'export' ? await resolveReference(store, source) : undefined
  const before = process.memoryUsage.rss()
  const start = performance.now()
  let progress = 0
  const watch = {
    onProgress: () => {
      if (progress++ === 0 && process.send) process.send('started')
    }
  }
  let count: number
  if (selection) {
    const [kind, tableType] = format.split(':') as [DatasetFormat, 'csv' | 'parquet' | undefined]
    count = (await exportDataset(selection, { format: kind, out, tableType, watch })).count
  } else count = (await store.importFrom(source, {}, watch)).count
  const seconds = (performance.now() - start) / 1000
  // maxRSS is in KiB on every system Node runs on.
  const peak = process.resourceUsage().maxRSS * 1024
  console.log(JSON.stringify({ count, seconds, progress, grownMiB: (peak - before) / 2 ** 20 }))
}

void main()
