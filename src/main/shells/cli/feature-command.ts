import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { MIXED_SIZE } from '../../datasets'
import { print, printJson, workspaceDir } from './common-options'
import { openStore } from './open-store'
import { watched } from './watched'
import type { Finish } from './exit-codes'
import { addSourceFlags, importOptions } from './source-flags'
import type { SourceFlags } from './source-flags'

interface FeatureFlags extends SourceFlags {
  readonly extractor?: string
  readonly out?: string
}

export function addFeatureCommand(program: Command, finish: Finish): void {
  addSourceFlags(
    program
      .command('features')
      .argument('<ref>')
      .description('features of pictures or texts by a pretrained extractor')
  )
    .option('--extractor <folder or name>', 'its folder, or its name in the workspace (required)')
    .option(
      '--out <file.npz>',
      'write features, labels and names there (default: only keep them in the workspace)'
    )
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel features "photos.zip#train" --extractor dinov2-small --out features.npz\n  bilevel features photos --extractor ~/models/efficientnet-lite0'
    )
    .action(async (ref: string, options: FeatureFlags) => {
      const { extractor, out } = options
      if (extractor === undefined)
        throw badInput('--extractor is missing.', 'Name its folder, or see "bilevel extractors list".')
      if (out !== undefined && !/\.npz$/i.test(out))
        throw badInput(`--out ${out} is no NPZ.`, 'Name a file that ends in .npz.')
      if (out !== undefined && existsSync(out))
        throw badInput(`--out ${out} is there already.`, 'Name a new file.')
      const facts = await computeFeatures(ref, extractor, options)
      if (options.json) printJson(facts)
      else {
        print(`${facts.count} x ${facts.width} features: ${facts.output}, by ${facts.extractor}`)
        print(`${facts.computed} computed now. They are in ${facts.out ?? facts.folders.join(', ')}`)
      }
      finish(0)
    })
}

interface Facts {
  readonly reference: string
  readonly extractor: string
  readonly hash: string
  readonly output: string
  readonly count: number
  readonly width: number
  /** Examples whose features were not there yet. */
  readonly computed: number
  readonly folders: readonly string[]
  readonly out?: string
}

async function computeFeatures(ref: string, named: string, options: FeatureFlags): Promise<Facts> {
  const [{ findExtractor }, { extractorHash }, { SelectedFeatures }, { writeFeatures }] = await Promise.all([
    import('../../extractors/registry'),
    import('../../extractors/extractor'),
    import('../../features/selected-features'),
    import('../../features/write-features')
  ])
  const workspace = workspaceDir(options)
  const extractor = findExtractor(workspace, named)
  const hash = await extractorHash(extractor)
  const { store, resolveReference } = await openStore(options)
  return watched(options, async (watch) => {
    const reading = { ...importOptions(options), mixedSize: MIXED_SIZE }
    const examples = await resolveReference(store, ref, reading, watch)
    try {
      const features = await SelectedFeatures.open(workspace, { examples }, extractor, hash)
      try {
        const computed = features.missing
        await features.compute({
          signal: watch.signal,
          onProgress: (done, total) => watch.onProgress?.(done, total, 'computing features')
        })
        const selection = features.selections['examples']!
        const out = options.out === undefined ? undefined : path.resolve(options.out)
        if (out !== undefined) await writeFeatures(out, selection)
        const { width, output } = features.facts
        const { count, folders } = selection
        return {
          reference: ref,
          extractor: extractor.name,
          hash,
          output,
          count,
          width,
          computed,
          folders,
          out
        }
      } finally {
        features.close()
      }
    } finally {
      examples.close()
    }
  })
}
