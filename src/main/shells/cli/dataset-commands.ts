import type { Command } from 'commander'
import type { DatasetMeta } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { featureCountOf, ROLE_WORDS } from '../../../shared/domain/table-columns'
import type { ColumnRole } from '../../../shared/domain/table-columns'
import type * as DatasetRoom from '../../datasets'
import { addCommonOptions, print, printJson, requireEmptyOutput } from './common-options'
import type { CommonOptions } from './common-options'
import { addCheckCommand } from './check-command'
import { addExportCommand } from './export-command'
import { addFindCommand } from './find-command'
import { addHealthCommand } from './health-command'
import { addInspectCommand } from './inspect-command'
import type { Finish } from './exit-codes'
import { openStore } from './open-store'
import {
  addSourceFlags,
  importOptions,
  photographOptions,
  tellResized,
  tellWarnings,
  type SourceFlags
} from './source-flags'
import { table } from './table'
import { addTagCommand } from './tag-command'
import { addVersionCommands } from './version-commands'
import { watched } from './watched'

export function addDatasetCommands(program: Command, finish: Finish): void {
  const datasets = program.command('datasets').description('the dataset store')
  addImport(datasets, finish)
  addInspectCommand(datasets, finish)
  addList(datasets, finish)
  addShow(datasets, finish)
  addCheckCommand(datasets, finish)
  addHealthCommand(datasets, finish)
  addVersionCommands(datasets, finish)
  addFindCommand(datasets, finish)
  addTagCommand(datasets, finish)
  addExportCommand(datasets, finish)
  addCorrupt(program, finish)
}

function addImport(datasets: Command, finish: Finish): void {
  addSourceFlags(
    datasets.command('import').argument('<path>').description('bring a dataset into the workspace')
  )
    .option('--name <name>', 'its name in the workspace (default: that of the file or folder)')
    .option(
      '--version-of <name>',
      'the dataset that it becomes a version of: by its manifest.json, else by what its examples hold'
    )
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel datasets import photos.zip\n  bilevel datasets import table.csv --label-column species'
    )
    .action(async (file: string, options: SourceFlags & { name?: string; versionOf?: string }) => {
      const { store, MIXED_SIZE } = await openStore(options)
      const { name, versionOf, imageSize } = options
      const reading = photographOptions(options, MIXED_SIZE)
      const meta = await watched(options, (watch) =>
        store.importFrom(file, { ...reading, name, versionOf }, watch)
      )
      tellWarnings(meta.warnings ?? [])
      if (imageSize === undefined && meta.layout.imageSize !== undefined) tellResized(MIXED_SIZE)
      if (options.json) printJson(meta)
      else print(`${meta.name}: ${meta.count} examples, ${meta.classNames.length} classes (${meta.id})`)
      finish(0)
    })
}

function addList(datasets: Command, finish: Finish): void {
  addCommonOptions(datasets.command('list').description('the datasets of the workspace')).action(
    async (options: CommonOptions) => {
      const { store } = await openStore(options)
      const metas = store.list()
      for (const { failure } of store.damage()) {
        process.stderr.write(`warning: ${failure.message} ${failure.remedy}\n`)
      }
      if (options.json) printJson(metas)
      else
        print(
          metas.length === 0
            ? 'No datasets yet.'
            : table(['name', 'examples', 'shape', 'classes', 'format', 'id'], metas.map(row))
        )
      finish(0)
    }
  )
}

function addShow(datasets: Command, finish: Finish): void {
  addSourceFlags(datasets.command('show').argument('<ref>').description('sizes, classes, splits'))
    .option('--verify', 'read every file of it and compare with what was imported')
    .action(async (ref: string, options: SourceFlags & { verify?: boolean }) => {
      const { store, resolveReference, contentHash } = await openStore(options)
      const selection = await watched(options, (watch) =>
        resolveReference(store, ref, importOptions(options), watch)
      )
      try {
        if (options.verify) for (const meta of selection.metas) await contentHash(meta, { thorough: true })
        const counts = new Array<number>(selection.classNames.length).fill(0)
        for (const label of selection.labels) counts[label]! += 1
        const metas = selection.metas
        const facts = {
          reference: ref,
          count: selection.count,
          shape: selection.shape,
          dtype: selection.dtype,
          classes: Object.fromEntries(selection.classNames.map((name, i) => [name, counts[i] ?? 0])),
          corrected: correctedCount(selection),
          hasTruth: selection.truth !== undefined,
          columns: selection.representation?.columns.map((column) => ({
            name: column.name,
            role: column.role,
            features: featureCountOf(column),
            reason: column.reason ?? ''
          })),
          poisoned: metas.some(({ poisoned }) => poisoned),
          warnings: [...new Set(metas.flatMap(({ warnings = [] }) => warnings))],
          sources: metas.map(({ name, format, count, splits }) => ({ name, format, count, splits }))
        }
        tellWarnings(facts.warnings)
        if (options.json) printJson(facts)
        else print(describe(facts))
        finish(0)
      } finally {
        selection.close()
      }
    })
}

function addCorrupt(program: Command, finish: Finish): void {
  addSourceFlags(
    program.command('corrupt').argument('<ref>').description('a copy with wrong labels, the true ones beside')
  )
    .option('--noise <share>', 'share of labels made wrong, 0..1 (required)')
    .option(
      '--pattern <uniform|asymmetric>',
      'uniform: any other class; asymmetric: the next class',
      'uniform'
    )
    .option('--seed <n>', 'same seed, same labels', '0')
    .option('--out <dir>', 'a new or empty folder (required)')
    .addHelpText('after', '\nExample:\n  bilevel corrupt "mnist#train[0:5000]" --noise 0.5 --out noisy')
    .action(
      async (
        ref: string,
        options: SourceFlags & { noise?: string; pattern: string; seed: string; out?: string }
      ) => {
        const corruption = corruptionOptions(options)
        const out = requireEmptyOutput(options.out)
        const { store, resolveReference, referenceWarnings, corruptDataset, MIXED_SIZE } =
          await openStore(options)
        // Files are copied as they are: the size is only that of the pixels looked at.
        const reading = { ...importOptions(options), mixedSize: MIXED_SIZE }
        const selection = await resolveReference(store, ref, reading)
        try {
          const warnings = referenceWarnings(selection)
          tellWarnings(warnings)
          const result = await watched(options, (watch) =>
            corruptDataset(selection, { ...corruption, watch }, out)
          )
          if (options.json)
            printJson({ ...result, order: undefined, readAs: undefined, ...corruption, warnings })
          else print(`${result.corrupted} of ${result.count} labels made wrong, in ${result.out}`)
          finish(0)
        } finally {
          selection.close()
        }
      }
    )
}

function corruptionOptions(options: { noise?: string; pattern: string; seed: string }): {
  noise: number
  pattern: 'uniform' | 'asymmetric'
  seed: number
} {
  const noise = Number(options.noise)
  if (options.noise === undefined)
    throw badInput('--noise is missing.', 'Give a share between 0 and 1, such as 0.5.')
  if (options.noise.trim() === '' || !(noise >= 0 && noise <= 1)) {
    throw badInput(`--noise is "${options.noise}".`, 'Give a share between 0 and 1, such as 0.5.')
  }
  const { pattern } = options
  if (pattern !== 'uniform' && pattern !== 'asymmetric') {
    throw badInput(`--pattern is "${pattern}".`, 'Take uniform or asymmetric.')
  }
  const seed = Number(options.seed)
  if (!Number.isInteger(seed) || seed < 0 || options.seed.trim() === '') {
    throw badInput(`--seed is "${options.seed}".`, 'Give a whole number, 0 or more.')
  }
  return { noise, pattern, seed }
}

/** Labels that a person corrected while marking trusted examples. */
function correctedCount({ vouched, givenLabels }: DatasetRoom.ExampleSelection): number {
  return [...vouched].filter(([row, { label }]) => givenLabels[row] !== label).length
}

/** Columns of a table beyond which they are not listed. */
const MOST_SHOWN = 200

function row(meta: DatasetMeta): string[] {
  return [
    meta.name,
    String(meta.count),
    meta.shape.join('x'),
    String(meta.classNames.length),
    meta.format,
    meta.id
  ]
}

function describe(facts: {
  reference: string
  count: number
  shape: readonly number[]
  classes: Record<string, number>
  corrected: number
  hasTruth: boolean
  poisoned: boolean
  columns?: readonly { name: string; role: ColumnRole; features: number; reason: string }[]
  sources: readonly {
    name: string
    format: string
    splits: readonly { name: string; from: number; to: number }[]
  }[]
}): string {
  const lines = [
    `${facts.reference}: ${facts.count} examples of ${facts.shape.join(' x ')}`,
    ...facts.sources.map(
      ({ name, format, splits }) =>
        `  ${name} (${format})${splits.length ? `: ${splits.map((split) => `${split.name} ${split.to - split.from}`).join(', ')}` : ''}`
    ),
    ...(facts.corrected > 0
      ? [`  ${facts.corrected} labels corrected while trusted examples were marked`]
      : []),
    ...(facts.hasTruth ? ['  true labels are known'] : []),
    ...(facts.poisoned ? ['  WARNING: a manifest says that this set is poisoned'] : []),
    '',
    table(
      ['class', 'examples'],
      Object.entries(facts.classes).map(([name, count]) => [name, String(count)])
    ),
    ...(facts.columns && facts.columns.length <= MOST_SHOWN
      ? [
          '',
          table(
            ['column', 'role', 'features', 'because'],
            facts.columns.map(({ name, role, features, reason }) => [
              name === '' ? '(unnamed)' : name,
              ROLE_WORDS[role],
              String(features),
              reason
            ])
          )
        ]
      : [])
  ]
  return lines.join('\n')
}
