import { existsSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import { TRUSTED_SPLIT } from '../../shared/domain/trusted-set'
import type { VouchedLabel } from '../../shared/domain/trusted-set'
import { pinOf, type Pin } from '../../shared/domain/pin'
import { formatReference, parseReference, type ReferencePart } from '../../shared/domain/reference'
import { BUNDLED_SAMPLES, bundledSample } from './bundled-samples'
import type { DatasetStore } from './dataset-store'
import { ExampleSelection } from './example-selection'
import type { ImportOptions, ImportWatch } from './import-options'
import { CACHE_FOLDER, ReferenceCache } from './reference-cache'
import type { SelectionPart } from './selection-part'
import { contentHash } from './store/content'
import { folderOfMeta, LABELS_FILE, readIntegers } from './store/dataset-folder'
import { keptLeftOut } from './left-out-rows'
import { materialisedMarks, materialiseMarks, markVersion, readTrust } from './trusted-marks'
import { readTrueLabels, refuseNumberedFromOne } from './true-labels'
import { keptVouched } from './vouched-labels'

/** How a reference is read. */
export interface ReferenceOptions extends ImportOptions {
  /** Folder that relative paths are relative to; by default that of the process. */
  readonly cwd?: string
  /** What sources stand for where that was settled before; the others are looked up by name. */
  readonly pins?: readonly Pin[]
}

/**
 * Open what a reference names: `<source>[#<split>][[<from>:<to>]]`, several joined with `+`; a source is a
 * dataset in the store (id or name), a bundled sample, or a path. Paths are imported into a cache beside the
 * store and used again while they are unchanged. Close the selection after use.
 * @throws Failure bad-input naming the part that cannot be had
 */
export async function resolveReference(
  store: DatasetStore,
  ref: string,
  options: ReferenceOptions = {},
  watch: ImportWatch = {}
): Promise<ExampleSelection> {
  const references = partsOfReference(ref, options)
  const cache = new ReferenceCache(path.join(store.root, '..', CACHE_FOLDER))
  const parts: SelectionPart[] = []
  for (const part of references) {
    const meta = await findSource(store, cache, part, options, watch)
    const marked = await trustedParts(store, meta, part, options, watch)
    if (marked) {
      parts.push(...marked)
      continue
    }
    const split = rangeOfSplit(meta, part)
    const { from, to } = rangeInSplit(part, split)
    const pin = pinOf(options.pins, part.source)
    const [vouched, leftOut] = [vouchedOf(store, meta, pin), leftOutOf(store, meta, pin)]
    parts.push({ meta, folder: folderOfMeta(meta), from, to, part, vouched, leftOut })
  }
  const { truth, cwd, encoding } = options
  return ExampleSelection.of(
    ref,
    truth === undefined ? parts : await withTruth(inFolder(cwd, truth), parts, encoding)
  )
}

/** Labels of a stored dataset that somebody vouches for: as they were when that was settled, else those of today. */
function vouchedOf(store: DatasetStore, meta: DatasetMeta, pin: Pin | undefined): readonly VouchedLabel[] {
  if (!pin) return store.byId(meta.id) ? store.decisions.marksOf(meta.id) : []
  return pin.corrections === null ? [] : keptVouched(meta, pin.corrections)
}

/** Rows of a stored dataset that somebody left out: as they were when that was settled, else those of today. */
function leftOutOf(store: DatasetStore, meta: DatasetMeta, pin: Pin | undefined): readonly number[] {
  if (!pin) return store.byId(meta.id) ? leftOutToday(store, meta) : []
  return pin.leftOut === undefined ? [] : keptLeftOut(meta, pin.leftOut)
}

/** Rows of a stored dataset that are left out today. */
export function leftOutToday(store: DatasetStore, meta: DatasetMeta): number[] {
  return store.decisions.excludedFrom(meta.id).map(({ row }) => row)
}

/** What is trusted of a dataset: nothing of what was left out since. */
function trustOf(store: DatasetStore, meta: DatasetMeta): ReturnType<typeof readTrust> {
  const { marks, reference } = readTrust(store, meta)
  const leftOut = new Set(leftOutToday(store, meta))
  return { marks: marks.filter(({ row }) => !leftOut.has(row)), reference }
}

/** A path as it was named, or as seen from the folder where it was named. */
function inFolder(cwd: string | undefined, file: string): string {
  return cwd === undefined ? file : path.resolve(cwd, file)
}

/** The parts of a reference; a path may itself contain the characters of references. */
export function partsOfReference(ref: string, { cwd, pins }: ReferenceOptions = {}): ReferencePart[] {
  const isPath = pinOf(pins, ref) !== undefined || existsSync(inFolder(cwd, ref))
  return isPath ? [{ source: ref }] : parseReference(ref)
}

/** The paths that resolving a reference would read: its sources that are neither in the store nor bundled. */
export function pathsOfReference(store: DatasetStore, ref: string, options: ReferenceOptions = {}): string[] {
  return partsOfReference(ref, options)
    .map(({ source }) => source)
    .filter((source) => (pinOf(options.pins, source)?.dataset ?? null) === null)
    .filter((source) => !store.find(source) && bundledSample(source) === undefined)
    .map((source) => inFolder(options.cwd, source))
}

/** The dataset of a source by its pin, or else by name, bundled sample or path. */
export async function findSource(
  store: DatasetStore,
  cache: ReferenceCache,
  { source }: ReferencePart,
  options: ReferenceOptions,
  watch: ImportWatch
): Promise<DatasetMeta> {
  const pin = pinOf(options.pins, source)
  if (pin && pin.dataset !== null) return pinnedDataset(store, pin.dataset, pin)
  const stored = pin ? undefined : store.find(source)
  if (stored) return stored
  const file = bundledSample(source) ?? inFolder(options.cwd, source)
  if (pin) return cache.resolvePinned(file, options, pin.contentHash, watch)
  if (existsSync(file)) return cache.resolve(file, options, watch)
  throw badInput(
    `"${source}" is neither a path nor the name of a dataset in the workspace.`,
    `Check the path, see "bilevel datasets list", or use a bundled sample (${BUNDLED_SAMPLES.join(', ')}).`
  )
}

async function pinnedDataset(store: DatasetStore, id: string, pin: Pin): Promise<DatasetMeta> {
  const meta = store.byId(id)
  if (!meta) {
    throw store.isInBin(id)
      ? new Failure(
          'conflict',
          `The dataset that was "${pin.source}" lies in the bin.`,
          'Put it back from the bin, or choose other data.'
        )
      : new Failure(
          'conflict',
          `The dataset that was "${pin.source}" is no longer in the workspace.`,
          'Another of that name would not be the same: import it again and start a new run.'
        )
  }
  if ((await contentHash(meta)) === pin.contentHash) return meta
  throw new Failure(
    'conflict',
    `The dataset "${meta.name}" holds other content than when it was first used here.`,
    'Start a new run on what it holds now.'
  )
}

/** `#trusted`: the marks of today; `#trusted@<version>`: those of a day when a run was started with them. */
const TRUSTED = new RegExp(`^${TRUSTED_SPLIT}(?:@([0-9a-f]+))?$`)

/**
 * What is trusted of a dataset; undefined when the part asks for something else, or when nothing has been
 * marked and the dataset has a split of that name itself.
 */
async function trustedParts(
  store: DatasetStore,
  meta: DatasetMeta,
  part: ReferencePart,
  options: ReferenceOptions,
  watch: ImportWatch
): Promise<readonly SelectionPart[] | undefined> {
  const asked = TRUSTED.exec(part.split ?? '')
  if (!asked || !store.find(meta.id)) return undefined
  const [, version] = asked
  if (version) return [allOf(materialisedMarks(meta, version), part)]
  const { marks, reference } = trustOf(store, meta)
  if (reference !== null && reference !== formatReference([{ source: part.source, split: part.split }])) {
    const selection = await resolveReference(store, reference, options, watch)
    try {
      return selection.ranges.map((range) => ({ ...range, folder: folderOfMeta(range.meta), part }))
    } finally {
      selection.close()
    }
  }
  if (reference === null && marks.length > 0) return [allOf(await materialiseMarks(meta, marks), part)]
  if (meta.splits.some(({ name }) => name === part.split)) return undefined
  throw badInput(
    `Nothing of "${part.source}" is marked as trusted yet.`,
    'Mark some examples in the window, or name other data whose labels you trust.'
  )
}

/** The marked examples, or the range of them that the part asks for. */
function allOf(meta: DatasetMeta, part: ReferencePart): SelectionPart {
  const { from, to } = rangeInSplit(part, { from: 0, to: meta.count })
  return { meta, folder: folderOfMeta(meta), from, to, part }
}

/**
 * A reference that means the same after more has been marked: `name#trusted` becomes
 * `name#trusted@<version>`, or the reference that stands for it.
 */
export async function freezeTrusted(
  store: DatasetStore,
  ref: string,
  options: ReferenceOptions = {}
): Promise<string> {
  const frozen: string[] = []
  for (const part of partsOfReference(ref, options)) {
    const pin = pinOf(options.pins, part.source)
    const meta = part.split === TRUSTED_SPLIT ? store.find(pin?.dataset ?? part.source) : undefined
    const { marks, reference } = meta ? trustOf(store, meta) : { marks: [], reference: null }
    if (reference !== null) frozen.push(reference)
    else if (meta && marks.length > 0) {
      await materialiseMarks(meta, marks)
      frozen.push(formatReference([{ ...part, split: `${TRUSTED_SPLIT}@${markVersion(marks)}` }]))
    } else frozen.push(formatReference([part]))
  }
  return frozen.join('+')
}

/** Rows of the split that a part names; all rows without one. */
function rangeOfSplit(meta: DatasetMeta, part: ReferencePart): { from: number; to: number } {
  if (part.split === undefined) return { from: 0, to: meta.count }
  const split = meta.splits.find(({ name }) => name === part.split)
  if (split) return split
  const names = meta.splits.map(({ name }) => `#${name}`).join(', ')
  throw badInput(
    `${part.source} has no split "${part.split}".`,
    names ? `It has ${names}.` : 'It has no splits: leave "#" and the split out.'
  )
}

function rangeInSplit(
  part: ReferencePart,
  split: { from: number; to: number }
): { from: number; to: number } {
  const count = split.to - split.from
  const from = part.from ?? 0
  const to = part.to ?? count
  if (to > count || from >= count) {
    const { source, split: name } = part
    throw badInput(
      `${formatReference([part])} goes past the end: ${formatReference([{ source, split: name }])} has ${count} examples.`,
      `Use a range within [0:${count}].`
    )
  }
  return { from: split.from + from, to: split.from + to }
}

/**
 * Lay a file of true labels over the parts. It may hold one label for each example selected, or, when the
 * reference has one part, one for each example of its split or of its whole dataset.
 */
async function withTruth(
  file: string,
  parts: readonly SelectionPart[],
  encoding: string | undefined
): Promise<SelectionPart[]> {
  const found = await laidOver(file, parts, encoding)
  for (const { folder, from, to, truth } of found) {
    if (truth) refuseNumberedFromOne(file, truth, readIntegers(folder, LABELS_FILE, from, to))
  }
  return found
}

/** The file's labels, cut to the parts. */
async function laidOver(
  file: string,
  parts: readonly SelectionPart[],
  encoding: string | undefined
): Promise<SelectionPart[]> {
  const [only, ...more] = parts
  const classNames = parts.reduce<readonly string[]>(
    (widest, { meta }) => (meta.classNames.length > widest.length ? meta.classNames : widest),
    []
  )
  const truth = await readTrueLabels(file, classNames, encoding)
  const count = parts.reduce((sum, { from, to }) => sum + to - from, 0)
  if (truth.length === count) {
    let at = 0
    return parts.map((part) => ({ ...part, truth: truth.subarray(at, (at += part.to - part.from)) }))
  }
  if (only && more.length === 0) {
    const { from, to, meta, part } = only
    if (truth.length === meta.count) return [{ ...only, truth: truth.subarray(from, to) }]
    const split = part && rangeOfSplit(meta, part)
    if (split && truth.length === split.to - split.from) {
      return [{ ...only, truth: truth.subarray(from - split.from, to - split.from) }]
    }
  }
  throw new Failure(
    'bad-input',
    `${file} holds ${truth.length} true labels, but ${count} examples are selected.`,
    'Give one true label for each example, in the same order.'
  )
}
