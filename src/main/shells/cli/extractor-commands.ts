import type { Command } from 'commander'
import { bytes as byteSize } from '../../../shared/words/numbers'
import { addCommonOptions, print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { ProgressDisplay } from './progress-display'
import { onStop } from './stop-signals'
import { table } from './table'

/** The pretrained models of the workspace. Nothing is fetched unless `fetch` says so. */
export function addExtractorCommands(program: Command, finish: Finish): void {
  const extractors = program
    .command('extractors')
    .description('pretrained models that make features of pictures and texts')
  addCommonOptions(
    extractors.command('list').description('those of the workspace, and those that can be fetched')
  ).action(async (options: CommonOptions) => {
    await list(options)
    finish(0)
  })
  addCommonOptions(
    extractors
      .command('add')
      .argument('<folder>')
      .description("know a folder in Hugging Face's layout by a name; it stays where it is")
  )
    .option('--name <name>', 'its name in the workspace (default: that of the folder)')
    .action(async (folder: string, options: CommonOptions & { name?: string }) => {
      const { addExtractor } = await import('../../extractors/registry')
      const note = await addExtractor(workspaceDir(options), folder, { name: options.name })
      if (options.json) printJson(note)
      else print(`${note.name}: ${note.folder}, SHA-256 ${note.hash}`)
      finish(0)
    })
  addCommonOptions(
    extractors.command('fetch').argument('<name>').description('download one of the listed extractors')
  ).action(async (name: string, options: CommonOptions) => {
    await fetchByName(name, options)
    finish(0)
  })
  addCommonOptions(
    extractors
      .command('remove')
      .argument('<name>')
      .description('forget a name; files that were fetched are deleted, a folder that was added stays')
  ).action(async (name: string, options: CommonOptions) => {
    const { removeExtractor } = await import('../../extractors/registry')
    removeExtractor(workspaceDir(options), name)
    if (options.json) printJson({ removed: name })
    else print(`${name} is forgotten.`)
    finish(0)
  })
}

async function list(options: CommonOptions): Promise<void> {
  const { listExtractors } = await import('../../extractors/list-extractors')
  const { known, available } = listExtractors(workspaceDir(options))
  if (options.json) return printJson({ known, available })
  const mine = known.map(({ name, inputs, bytes, hash, folder, problem }) => [
    name,
    problem ?? inputs.join(', '),
    byteSize(bytes),
    hash.slice(0, 12),
    folder
  ])
  print(
    mine.length === 0 ? 'No extractors yet.' : table(['name', 'takes', 'size', 'SHA-256', 'folder'], mine)
  )
  if (available.length === 0) return
  print('\nCan be fetched with "bilevel extractors fetch <name>":\n')
  const others = available.map(({ name, input, bytes, license, url }) => [
    name,
    input,
    byteSize(bytes),
    license,
    url
  ])
  print(table(['name', 'takes', 'about', 'license', 'from'], others))
}

async function fetchByName(name: string, options: CommonOptions): Promise<void> {
  const [{ defaultExtractor }, { fetchExtractor }] = await Promise.all([
    import('../../extractors/default-extractors'),
    import('../../extractors/fetch-extractor')
  ])
  const offered = defaultExtractor(name)
  const display = new ProgressDisplay(options.quiet ?? false)
  const abort = new AbortController()
  const release = onStop(() => abort.abort())
  const { bytes, license, url } = offered
  display.note(`Fetching ${name}: about ${byteSize(bytes)}, ${license}, from ${url}`)
  const started = performance.now()
  let first: number | undefined
  try {
    const note = await fetchExtractor(workspaceDir(options), offered, {
      signal: abort.signal,
      onProgress: (done, total, file) => {
        first ??= done
        const seconds = (performance.now() - started) / 1000
        const rate = (done - first) / Math.max(seconds, 1e-3)
        const secondsLeft = rate > 0 ? (total - done) / rate : undefined
        display.show({ phase: file, fraction: Math.min(1, done / total), secondsLeft })
      }
    })
    display.end()
    if (options.json) printJson(note)
    else print(`${note.name} is in ${note.folder}, SHA-256 ${note.hash}`)
  } finally {
    display.end()
    release()
  }
}
