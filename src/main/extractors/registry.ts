import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { badInput, Failure } from '../../shared/domain/failure'
import { writeAtomicallySync } from '../files/write-atomically'
import { DEFAULT_EXTRACTORS } from './default-extractors'
import { extractorHash, openExtractor } from './extractor'
import type { Extractor } from './extractor'

/** In the workspace: a note an extractor, and a folder for each that was fetched. */
export const EXTRACTORS_FOLDER = 'extractors'

const note = z.object({
  schema: z.literal(1),
  name: z.string(),
  /** Absolute. */
  folder: z.string(),
  addedAt: z.iso.datetime(),
  /** Where it was fetched from. */
  url: z.string().optional(),
  /** SHA-256 of its files when it was added. */
  hash: z.string()
})
export type ExtractorNote = z.infer<typeof note>

const NAME = /^[A-Za-z0-9][\w.-]{0,79}$/

/** An extractor that the workspace knows, and what is wrong with it where it cannot be used. */
export interface KnownExtractor {
  readonly note: ExtractorNote
  readonly extractor?: Extractor
  readonly failure?: Failure
}

/** The extractors that a workspace knows by name, sorted. */
export function knownExtractors(workspace: string): KnownExtractor[] {
  const root = path.join(workspace, EXTRACTORS_FOLDER)
  if (!existsSync(root)) return []
  return readdirSync(root)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => readNote(path.join(root, file)) ?? [])
    .map((known) => {
      try {
        return { note: known, extractor: openExtractor(known.folder, known.name) }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        return { note: known, failure: error }
      }
    })
}

function readNote(file: string): ExtractorNote | undefined {
  try {
    return note.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // Of another version, or no note at all.
    return undefined
  }
}

/**
 * Let a workspace know a folder by a name.
 * @throws Failure bad-input for a folder that holds no extractor, already-exists for a name that stands for another
 */
export async function addExtractor(
  workspace: string,
  folder: string,
  { name = path.basename(folder), url }: { readonly name?: string; readonly url?: string } = {}
): Promise<ExtractorNote> {
  if (!NAME.test(name)) {
    throw badInput(`"${name}" cannot name an extractor.`, 'Use letters, digits, dots and dashes (--name).')
  }
  const extractor = openExtractor(path.resolve(folder), name)
  const file = noteFile(workspace, name)
  const present = readNote(file)
  if (present && path.resolve(present.folder) !== extractor.folder) {
    throw new Failure(
      'already-exists',
      `There is an extractor "${name}" already, in ${present.folder}.`,
      'Give this one another name (--name).'
    )
  }
  const added: ExtractorNote = {
    schema: 1,
    name,
    folder: extractor.folder,
    addedAt: new Date().toISOString(),
    url,
    hash: await extractorHash(extractor)
  }
  mkdirSync(path.dirname(file), { recursive: true })
  writeAtomicallySync(file, `${JSON.stringify(added, null, 2)}\n`)
  return added
}

/** Forget a name; the files of one that was fetched go too. @throws Failure not-found */
export function removeExtractor(workspace: string, name: string): void {
  const file = noteFile(workspace, name)
  const known = NAME.test(name) ? readNote(file) : undefined
  if (!known) throw unknown(name)
  rmSync(file)
  const own = fetchedFolder(workspace, name)
  if (path.resolve(known.folder) === own) rmSync(own, { recursive: true, force: true })
}

/** Where a fetched extractor of this name lies. */
export function fetchedFolder(workspace: string, name: string): string {
  return path.resolve(workspace, EXTRACTORS_FOLDER, name)
}

function noteFile(workspace: string, name: string): string {
  return path.join(workspace, EXTRACTORS_FOLDER, `${name}.json`)
}

/** Whether a workspace knows an extractor by this name. */
export function isKnownExtractor(workspace: string, name: string): boolean {
  return NAME.test(name) && readNote(noteFile(workspace, name)) !== undefined
}

/**
 * The extractor that a name or the path of a folder stands for.
 * @param cwd that paths are relative to
 * @throws Failure not-found, bad-input
 */
export function findExtractor(workspace: string, named: string, cwd = process.cwd()): Extractor {
  const known = NAME.test(named) ? readNote(noteFile(workspace, named)) : undefined
  if (known) return openExtractor(known.folder, known.name)
  const folder = path.resolve(cwd, named)
  if (statSync(folder, { throwIfNoEntry: false })) return openExtractor(folder)
  throw unknown(named)
}

function unknown(named: string): Failure {
  const isDefault = DEFAULT_EXTRACTORS.some(({ name }) => name === named)
  return isDefault
    ? new Failure(
        'not-found',
        `The extractor "${named}" has not been fetched yet.`,
        `Fetch it with "bilevel extractors fetch ${named}".`
      )
    : new Failure(
        'not-found',
        `"${named}" is neither the folder nor the name of an extractor.`,
        'See "bilevel extractors list", or name a folder with model.onnx and preprocessor_config.json or tokenizer.json.'
      )
}
