import type { Command } from 'commander'
import { bytes as byteSize } from '../../../shared/words/numbers'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { ProgressDisplay } from './progress-display'
import { onStop } from './stop-signals'

/** TensorFlow for NVIDIA cards. Gigabytes: nothing is fetched unless `install` says so. */
export function addGpuCommands(program: Command, finish: Finish): void {
  const gpu = program.command('gpu').description('the libraries for an NVIDIA card')
  addCommonOptions(
    gpu.command('list').description('what would be fetched: files, sizes, from where; nothing is fetched')
  ).action(async (options: CommonOptions) => {
    await list(options)
    finish(0)
  })
  addCommonOptions(
    gpu
      .command('install')
      .description('fetch them and put them in place; what was interrupted goes on where it ended')
  ).action(async (options: CommonOptions) => {
    await install(options)
    finish(0)
  })
}

async function list(options: CommonOptions): Promise<void> {
  const { bytesOf, listPack, presentBuild } = await import('../../native-pack')
  const files = await listPack()
  const total = bytesOf(files)
  if (options.json) return printJson({ present: presentBuild() ?? null, bytes: total, files })
  const { table } = await import('./table')
  print(
    table(
      ['file', 'size', 'SHA-256', 'from'],
      files.map(({ file, bytes, sha256, url }) => [
        file,
        byteSize(bytes),
        sha256?.slice(0, 12) ?? 'not stated',
        new URL(url).host
      ])
    )
  )
  print(`\n${byteSize(total)} in all; "bilevel gpu install" fetches them.`)
}

async function install(options: CommonOptions): Promise<void> {
  const { bytesOf, installPack, listPack, packCache, presentBuild, sourcesOf } =
    await import('../../native-pack')
  const present = presentBuild()
  if (present?.build === 'cuda') {
    if (options.json) return printJson(present)
    return print(`TensorFlow ${present.tensorflow} for NVIDIA cards is in place.`)
  }
  const display = new ProgressDisplay(options.quiet ?? false)
  const abort = new AbortController()
  const release = onStop(() => abort.abort())
  try {
    const files = await listPack()
    display.note(
      `Fetching ${byteSize(bytesOf(files))} in ${files.length} files from ${sourcesOf(files).join(', ')}`
    )
    const started = performance.now()
    let first: number | undefined
    await installPack(files, packCache(), {
      signal: abort.signal,
      say: (line) => display.note(line),
      onProgress: (done, total, file) => {
        first ??= done
        const seconds = (performance.now() - started) / 1000
        const rate = (done - first) / Math.max(seconds, 1e-3)
        const secondsLeft = rate > 0 ? (total - done) / rate : undefined
        display.show({ phase: file, fraction: total > 0 ? done / total : 0, secondsLeft })
      }
    })
    display.end()
    if (options.json) printJson(presentBuild() ?? null)
    else print('TensorFlow for NVIDIA cards is in place. "bilevel doctor" tells what it finds.')
  } finally {
    display.end()
    release()
  }
}
