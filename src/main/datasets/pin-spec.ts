import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import { extractorOf, kindOfFeatures, PIXELS } from '../../shared/domain/features-choice'
import {
  DATA_FIELDS,
  pinOf,
  pinOfFile,
  PINNED_FILES,
  type Pin,
  type PinnedFile
} from '../../shared/domain/pin'
import { readingOptionsOf } from '../../shared/domain/reading-options'
import { formatReference } from '../../shared/domain/reference'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { extractorHash } from '../extractors/extractor'
import { findExtractor } from '../extractors/registry'
import { hashFile } from '../files/hash-file'
import type { DatasetStore } from './dataset-store'
import type { ImportWatch } from './import-options'
import { CACHE_FOLDER, ReferenceCache } from './reference-cache'
import {
  findSource,
  freezeTrusted,
  leftOutToday,
  partsOfReference,
  type ReferenceOptions
} from './resolve-reference'
import { MIXED_SIZE } from './import-options'
import { contentHash } from './store/content'
import { isLeftOutKept, keepLeftOut } from './left-out-rows'
import { isKept, keepVouched } from './vouched-labels'

/** What a run starts from lies in these files of an earlier run's folder. */
const START_FILES = ['weights.npy', 'bilevel-classifier.bin', 'report.json']

/** How the data of a spec are read: its options of reading, and what its names stand for. */
export function readingOf(spec: TaskSpec, cwd?: string): ReferenceOptions {
  const mixedSize = extractorOf(spec) === undefined ? undefined : MIXED_SIZE
  return { ...readingOptionsOf(spec), mixedSize, pins: spec.pins, cwd }
}

/**
 * The spec with everything settled that its names stand for now: trusted marks by their version, datasets by id
 * and content, paths and files by content, corrected labels as they are today. Pins that it has already are kept
 * to; those that no reference uses any more are left out.
 * @throws Failure bad-input for what is not there, conflict for what is not what it was
 */
export async function pinSpec(
  store: DatasetStore,
  spec: TaskSpec,
  cwd?: string,
  watch: ImportWatch = {}
): Promise<TaskSpec> {
  const cache = new ReferenceCache(path.join(store.root, '..', CACHE_FOLDER))
  const today = namedAsToday(store, spec)
  const byName = { ...readingOf(spec, cwd), pins: undefined }
  const used = (today.pins ?? []).filter((pin) => isUsed(today, pin))
  const given = await heldHere(used, (source) => findSource(store, cache, { source }, byName, watch), store)
  const options = { ...byName, pins: given }
  const settled: Record<string, unknown> = { ...today }
  delete settled['pins']
  const pins: Pin[] = []
  for (const field of DATA_FIELDS) {
    const reference = settled[field]
    if (typeof reference !== 'string') continue
    const frozen = await freezeTrusted(store, reference, options)
    settled[field] = frozen
    for (const part of partsOfReference(frozen, options)) {
      if (pinOf(pins, part.source)) continue
      const meta = await findSource(store, cache, part, options, watch)
      pins.push({
        source: part.source,
        dataset: store.byId(meta.id) ? meta.id : null,
        contentHash: await contentHash(meta),
        corrections: correctionsOf(store, meta, pinOf(given, part.source)),
        ...leftOutOf(store, meta, pinOf(given, part.source))
      })
    }
  }
  for (const file of PINNED_FILES) {
    const source = settled[file]
    if (typeof source !== 'string' || (file === 'features' && source === PIXELS)) continue
    const hash = await hashNamedFile(file, source, workspaceOf(store), cwd)
    requireSameFile(pinOfFile(given, file, source), source, hash)
    pins.push({ source, dataset: null, contentHash: hash, corrections: null, file })
  }
  return { ...settled, ...(pins.length > 0 ? { pins } : {}) } as TaskSpec
}

/** The spec with trusted marks by their version, to be looked at by a process that has no database. */
export async function frozenSpec(store: DatasetStore, spec: TaskSpec): Promise<TaskSpec> {
  const frozen: Record<string, unknown> = { ...spec }
  for (const field of DATA_FIELDS) {
    const reference = frozen[field]
    if (typeof reference === 'string')
      frozen[field] = await freezeTrusted(store, reference, { pins: spec.pins })
  }
  return frozen as TaskSpec
}

/**
 * The version of the labels that people vouch for today: whatever was corrected is corrected in every new run.
 * @throws Failure conflict for a run of a workspace elsewhere, whose corrections are not here
 */
function correctionsOf(store: DatasetStore, meta: DatasetMeta, pin: Pin | undefined): string | null {
  const today = store.byId(meta.id) ? keepVouched(meta, store.decisions.marksOf(meta.id)) : null
  const then = pin?.corrections ?? null
  if (then === null || then === today || isKept(meta, then)) return today
  throw new Failure(
    'conflict',
    `The run that this spec is of had labels of "${meta.name}" corrected, and those corrections are not in this workspace.`,
    'Run it in the workspace that it is of, or remove "pins" from the file and correct the labels here.'
  )
}

/**
 * The version of the rows that are left out today: no new run trains on them.
 * @throws Failure conflict for a run of a workspace elsewhere, whose decisions are not here
 */
function leftOutOf(store: DatasetStore, meta: DatasetMeta, pin: Pin | undefined): Pick<Pin, 'leftOut'> {
  const today = store.byId(meta.id) ? keepLeftOut(meta, leftOutToday(store, meta)) : undefined
  const then = pin?.leftOut
  if (then !== undefined && then !== today && !isLeftOutKept(meta, then))
    throw new Failure(
      'conflict',
      `The run that this spec is of left rows of "${meta.name}" out, and which is not known in this workspace.`,
      'Run it in the workspace that it is of, or remove "pins" from the file and leave the rows out here.'
    )
  return today === undefined ? {} : { leftOut: today }
}

/**
 * See that the files a spec names besides its data are those that its run was created with.
 * @throws Failure conflict, bad-input
 */
export async function checkPinnedFiles(spec: TaskSpec, workspace: string, cwd?: string): Promise<void> {
  for (const { file, source, contentHash: hash } of spec.pins ?? []) {
    if (file === undefined || (spec as unknown as Record<string, unknown>)[file] !== source) continue
    requireSameFile({ contentHash: hash }, source, await hashNamedFile(file, source, workspace, cwd))
  }
}

/** Whether a spec names what a pin is of: data may have been chosen anew since. */
function isUsed(spec: TaskSpec, { source, file }: Pin): boolean {
  const named: Readonly<Record<string, unknown>> = { ...spec }
  if (file !== undefined) return named[file] === source
  return DATA_FIELDS.some((field) => {
    const reference = named[field]
    if (typeof reference !== 'string') return false
    return partsOfReference(reference, { pins: spec.pins }).some((part) => part.source === source)
  })
}

function requireSameFile(pin: Pick<Pin, 'contentHash'> | undefined, source: string, hash: string): void {
  if (pin === undefined || pin.contentHash === hash) return
  throw new Failure(
    'conflict',
    `${source} was changed since the run was created with it.`,
    'Bring back what it was, or start a new run with what it is now.'
  )
}

async function hashNamedFile(
  field: PinnedFile,
  source: string,
  workspace: string,
  cwd?: string
): Promise<string> {
  if (field === 'features' && kindOfFeatures(source) === 'extractor')
    return extractorHash(findExtractor(workspace, source, cwd))
  const place = cwd === undefined ? source : path.resolve(cwd, source)
  try {
    if (field !== 'startFrom') return await hashFile(place)
    const files = START_FILES.filter((name) => existsSync(path.join(place, name)))
    const hash = createHash('sha256')
    for (const name of files) hash.update(`${name} ${await hashFile(path.join(place, name))}\n`)
    if (statSync(place).isDirectory()) return hash.digest('hex')
  } catch (error) {
    throw badInput(`${source} cannot be read.`, 'Check the path.', error)
  }
  throw badInput(`${source} is no folder.`, 'Name the output folder of a run that has ended.')
}

/** What a field of a spec names besides data, as files of a folder. */
export function filesNamedBy(
  field: PinnedFile,
  source: string,
  workspace: string
): { folder: string; files: string[] } {
  if (field === 'features' && kindOfFeatures(source) === 'extractor') {
    const { folder, files } = findExtractor(workspace, source)
    return { folder: path.resolve(folder), files: [...files] }
  }
  const place = path.resolve(source)
  if (field !== 'startFrom') return { folder: path.dirname(place), files: [path.basename(place)] }
  return { folder: place, files: START_FILES.filter((name) => existsSync(path.join(place, name))) }
}

function workspaceOf(store: DatasetStore): string {
  return path.dirname(store.root)
}

/** References with the names that pinned datasets bear today. */
export function namedAsToday(store: DatasetStore, spec: TaskSpec): TaskSpec {
  const { pins } = spec
  if (!pins) return spec
  const renamed = new Map<string, string>()
  for (const { source, dataset, file } of pins) {
    const meta = dataset === null || file !== undefined ? undefined : store.byId(dataset)
    if (meta && source !== meta.id && source !== meta.name) renamed.set(source, meta.name)
  }
  if (renamed.size === 0) return spec
  const unchanged = new Set(pins.filter(({ source }) => !renamed.has(source)).map(({ source }) => source))
  const today = (pin: Pin): Pin => {
    const name = pin.file === undefined ? renamed.get(pin.source) : undefined
    if (name === undefined || pin.dataset === null) return pin
    // A path of the spec is called so already: the id is never mistaken.
    return { ...pin, source: unchanged.has(name) ? pin.dataset : name }
  }
  const settled: Record<string, unknown> = { ...spec, pins: pins.map(today) }
  for (const field of DATA_FIELDS) {
    const reference = settled[field]
    if (typeof reference !== 'string') continue
    const parts = partsOfReference(reference, { pins })
    if (!parts.some(({ source }) => renamed.has(source))) continue
    settled[field] = formatReference(
      parts.map((part) => {
        const pin = pinOf(pins, part.source)
        return pin ? { ...part, source: today(pin).source } : part
      })
    )
  }
  return settled as TaskSpec
}

/**
 * Pins of a workspace elsewhere stand for what has their name here, if that has the same content.
 * @throws Failure conflict where it has not
 */
async function heldHere(
  pins: readonly Pin[],
  find: (source: string) => Promise<DatasetMeta>,
  store: DatasetStore
): Promise<Pin[]> {
  const held: Pin[] = []
  for (const pin of pins) {
    const { dataset, file, source } = pin
    if (file !== undefined || dataset === null || store.byId(dataset) || store.isInBin(dataset)) {
      held.push(pin)
      continue
    }
    const meta = await find(source)
    if ((await contentHash(meta)) !== pin.contentHash) {
      throw new Failure(
        'conflict',
        `"${source}" holds other content than the data of that name in the run that this spec is of.`,
        'Bring that content back, or choose the data anew: in a file, remove "pins" from it.'
      )
    }
    held.push({ ...pin, dataset: store.byId(meta.id) ? meta.id : null })
  }
  return held
}

/**
 * A run of before there were pins, with those of one of its fields: what its names stand for now, where nothing
 * says that they stood for something else when it was created.
 * @param createdAt of the run, ISO
 * @throws Failure conflict for data that are younger than the run
 */
export async function pinEarlierSpec(
  store: DatasetStore,
  spec: TaskSpec,
  field: (typeof DATA_FIELDS)[number],
  { createdAt, cwd }: { createdAt: string; cwd: string }
): Promise<TaskSpec> {
  const reference = (spec as unknown as Record<string, unknown>)[field]
  if (typeof reference !== 'string') return spec
  const options = readingOf(spec, cwd)
  if (partsOfReference(reference, options).every(({ source }) => pinOf(spec.pins, source))) return spec
  const others = [...DATA_FIELDS, ...PINNED_FILES].filter((name) => name !== field)
  const alone = Object.fromEntries(Object.entries(spec).filter(([name]) => !others.some((it) => it === name)))
  const { pins = [] } = await pinSpec(store, alone as TaskSpec, cwd)
  const cache = new ReferenceCache(path.join(store.root, '..', CACHE_FOLDER))
  for (const { source, dataset, contentHash: hash } of pins) {
    const youngest =
      dataset === null ? cache.lastChange(hash) : Date.parse(store.byId(dataset)?.createdAt ?? createdAt)
    if (youngest === undefined || youngest <= Date.parse(createdAt)) continue
    throw new Failure(
      'conflict',
      dataset === null
        ? `${source} was changed after this run was created with it.`
        : `The dataset "${source}" was imported after this run was created with another of that name.`,
      'Start a new run on what it is now.'
    )
  }
  const known = spec.pins ?? []
  const added = pins.filter(({ source }) => !pinOf(known, source))
  // What was corrected since, it was not trained on.
  return { ...spec, pins: [...known, ...added.map((pin) => ({ ...pin, corrections: null }))] }
}
