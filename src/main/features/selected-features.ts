import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import { ExampleSelection, FEATURES_FILE, markedIn } from '../datasets'
import type { Extractor, ExtractorInput } from '../extractors/extractor'
import { NPY_HEADER_BYTES } from '../file-formats/npy'
import { ProcessLock } from '../locks'
import { extractBlocks } from './extraction-host'
import { DONE_FILE, missingBlocks, openFeatureSet } from './feature-store'
import type { ExtractorIdentity, FeatureSet } from './feature-store'
import { factsOf } from './model-facts'
import type { ModelFacts } from './protocol'

/** How often to look whether another process is done with the same features. */
const LOOK_AGAIN_MS = 300

/** Progress of an extraction, and how to end it. */
export interface ExtractionWatch {
  /** Examples done of those that were missing. */
  onProgress?(done: number, total: number): void
  /** What is done stays done: the next time goes on from there. */
  readonly signal?: AbortSignal
}

/** Rows of one dataset that features are wanted of. */
interface Wanted {
  readonly source: { readonly meta: DatasetMeta; readonly folder: string }
  readonly set: FeatureSet
  readonly ranges: (readonly [number, number])[]
}

/** Examples marked as trusted: copies of rows of another dataset, whose features are those of these rows. */
interface Copied {
  readonly set: FeatureSet
  readonly from: FeatureSet
  readonly rows: readonly number[]
}

/** The same examples as features by one extractor. Close the selections after use. */
export class SelectedFeatures {
  private constructor(
    readonly selections: Readonly<Record<string, ExampleSelection>>,
    readonly facts: ModelFacts,
    readonly extractor: Extractor,
    readonly identity: ExtractorIdentity,
    private readonly wanted: readonly Wanted[],
    private readonly copied: readonly Copied[]
  ) {}

  /**
   * Open the features of selections, whether they are computed or not: until `compute` is done, rows hold zeros.
   * @throws Failure bad-input where the extractor does not suit the data
   */
  static async open(
    workspace: string,
    selections: Readonly<Record<string, ExampleSelection>>,
    extractor: Extractor,
    hash: string
  ): Promise<SelectedFeatures> {
    const input = inputOf(Object.values(selections))
    const identity = { name: extractor.name, hash, input }
    const facts = await factsOf(workspace, extractor, identity)
    const wanted = new Map<string, Wanted>()
    const copied = new Map<string, Copied>()
    const open = async (
      meta: DatasetMeta,
      folder: string,
      range: readonly [number, number]
    ): Promise<FeatureSet> => {
      const set = await openFeatureSet(workspace, { meta, folder }, identity, facts)
      const marked = markedIn(meta)
      if (marked) {
        const from = await openFeatureSet(workspace, marked, identity, facts)
        addRanges(
          wanted,
          marked,
          from,
          marked.rows.map((row) => [row, row + 1] as const)
        )
        copied.set(set.folder, { set, from, rows: marked.rows })
      } else addRanges(wanted, { meta, folder }, set, [range])
      return set
    }
    const opened: [string, ExampleSelection][] = []
    try {
      for (const [role, selection] of Object.entries(selections)) {
        const parts = []
        for (const part of selection.selected) {
          const set = await open(part.meta, part.folder, [part.from, part.to])
          parts.push({ ...part, meta: set.meta, folder: set.folder })
        }
        const features = ExampleSelection.of(selection.reference, parts)
        opened.push([role, features.withClasses(selection.classNames)])
      }
    } catch (error) {
      opened.forEach(([, selection]) => selection.close())
      throw error
    }
    return new SelectedFeatures(
      Object.fromEntries(opened),
      facts,
      extractor,
      identity,
      [...wanted.values()],
      [...copied.values()]
    )
  }

  /** Examples whose features are still to be computed. */
  get missing(): number {
    return this.wanted.reduce((sum, { set, ranges }) => sum + countIn(set, missingBlocks(set, ranges)), 0)
  }

  /**
   * Compute what is missing, each dataset in a process of its own.
   * @throws Failure; cancelled where the signal came before all was done
   */
  async compute(watch: ExtractionWatch = {}): Promise<void> {
    const total = this.missing
    let before = 0
    if (total > 0) watch.onProgress?.(0, total)
    for (const { source, set, ranges } of this.wanted) {
      const lock = await lockOf(set, watch.signal)
      try {
        const blocks = missingBlocks(set, ranges)
        if (blocks.length === 0) continue
        await this.#extract(source.folder, set, blocks, watch, (done) =>
          watch.onProgress?.(
            Math.min(total, before + Math.min(countIn(set, blocks), done * set.block)),
            total
          )
        )
        before += countIn(set, blocks)
      } finally {
        lock.release()
      }
    }
    for (const copy of this.copied) copyRows(copy)
  }

  async #extract(
    source: string,
    { folder: target }: FeatureSet,
    blocks: number[],
    { signal }: ExtractionWatch,
    onProgress: (blocks: number) => void
  ): Promise<void> {
    const { extractor, identity } = this
    const order = { extractor: extractor.folder, input: identity.input, source, target, blocks }
    if (await extractBlocks(order, onProgress, signal)) return
    throw new Failure(
      'cancelled',
      'Computing the features was stopped.',
      'What is done is kept: start it again to go on from there.'
    )
  }

  close(): void {
    for (const selection of Object.values(this.selections)) selection.close()
  }
}

/** @throws Failure bad-input for data that are features already, or of two kinds */
function inputOf(selections: readonly ExampleSelection[]): ExtractorInput {
  const kinds = selections.map((selection) => {
    if (selection.shape.length === 3) return 'pictures'
    if (selection.hasTexts) return 'texts'
    throw badInput(
      `${selection.reference} holds numbers, which no extractor takes.`,
      'Leave --features out: numbers are features already.'
    )
  })
  const [kind = 'pictures'] = kinds
  const other = kinds.findIndex((one) => one !== kind)
  if (other < 0) return kind
  throw badInput(
    `${selections[0]!.reference} holds ${kind}, ${selections[other]!.reference} ${kinds[other]}.`,
    'Take data of one kind.'
  )
}

function addRanges(
  wanted: Map<string, Wanted>,
  source: Wanted['source'],
  set: FeatureSet,
  ranges: readonly (readonly [number, number])[]
): void {
  const known = wanted.get(set.folder)
  if (known) known.ranges.push(...ranges)
  else wanted.set(set.folder, { source, set, ranges: [...ranges] })
}

function countIn({ block, meta }: FeatureSet, blocks: readonly number[]): number {
  return blocks.reduce((sum, at) => sum + Math.min(block, meta.count - at * block), 0)
}

/** One process at a time computes the same features; the others wait for what it leaves. */
async function lockOf({ folder }: FeatureSet, signal?: AbortSignal): Promise<ProcessLock> {
  for (;;) {
    const lock = ProcessLock.take(`${folder}.lock`)
    if (lock) return lock
    if (signal?.aborted) {
      throw new Failure('cancelled', 'Waiting for the features was stopped.', 'Start it again.')
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** Features of rows of one set into another, once. */
function copyRows({ set, from, rows }: Copied): void {
  const doneFile = path.join(set.folder, DONE_FILE)
  if (readFileSync(doneFile).every((byte) => byte === 1)) return
  const source = ExampleSelection.of(from.meta.name, [
    { meta: from.meta, folder: from.folder, from: 0, to: from.meta.count }
  ])
  const file = openSync(path.join(set.folder, FEATURES_FILE), 'r+')
  try {
    writeSync(file, new Uint8Array(source.readRows(rows).buffer), 0, undefined, NPY_HEADER_BYTES)
  } finally {
    closeSync(file)
    source.close()
  }
  writeFileSync(doneFile, new Uint8Array(Math.ceil(set.meta.count / set.block)).fill(1))
}
