import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import type { Checkpoint } from '../../../engine/tasks/shared/task-run'
import { badInput, Failure } from '../../../shared/domain/failure'
import { syncTree } from '../../files/sync-tree'
import { syncFolder } from '../../files/write-atomically'
import { CHECKPOINT_FILE, checkpointFolders, previousCheckpoint } from '../protocol'

/** What checkpoints hold. One of another number cannot be gone on from: it was saved by another version. */
const SCHEMA = 2

type Kind = 'float32' | 'int32' | 'uint8'

const manifestSchema = z.object({
  schema: z.literal(SCHEMA),
  json: z.record(z.string(), z.unknown()),
  seconds: z.number(),
  arrays: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['float32', 'int32', 'uint8']),
      length: z.int().nonnegative()
    })
  )
})
type Manifest = z.infer<typeof manifestSchema>

/**
 * A checkpoint on disk: checkpoint.json and, beside it, all arrays one after the other in arrays.bin (little
 * endian, in the manifest's order). Written into a folder beside and renamed.
 */
export async function writeCheckpoint(dir: string, checkpoint: Checkpoint, seconds: number): Promise<void> {
  const next = `${dir}.next`
  await rm(next, { recursive: true, force: true })
  await mkdir(next, { recursive: true })
  const entries = Object.entries(checkpoint.arrays)
  const manifest: Manifest = {
    schema: SCHEMA,
    json: checkpoint.json,
    seconds,
    arrays: entries.map(([name, values]) => ({ name, kind: kindOf(values), length: values.length }))
  }
  const bytes = entries.map(
    ([, values]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  )
  await writeFile(path.join(next, 'arrays.bin'), Buffer.concat(bytes))
  await writeFile(path.join(next, CHECKPOINT_FILE), JSON.stringify(manifest))
  await syncTree(next)
  // Between the two renames the previous one is still there under another name; readCheckpoint looks for it.
  const previous = previousCheckpoint(dir)
  await rm(previous, { recursive: true, force: true })
  if (existsSync(dir)) await rename(dir, previous)
  await rename(next, dir)
  syncFolder(path.dirname(dir))
  await rm(previous, { recursive: true, force: true })
}

/**
 * Undefined when there is none.
 * @throws Failure bad-input when it is damaged, conflict when another version saved it
 */
export async function readCheckpoint(
  dir: string
): Promise<{ checkpoint: Checkpoint; seconds: number } | undefined> {
  const found = checkpointFolders(dir).find((candidate) => existsSync(path.join(candidate, CHECKPOINT_FILE)))
  if (!found) return undefined
  const manifest = await readManifest(path.join(found, CHECKPOINT_FILE))
  const file = path.join(found, 'arrays.bin')
  const bytes = await readFile(file)
  const wanted = manifest.arrays.reduce((sum, { kind, length }) => sum + bytesIn(kind, length), 0)
  if (bytes.length !== wanted) throw damaged(`${file} has ${bytes.length} bytes instead of ${wanted}`)
  const arrays: Record<string, Float32Array | Int32Array | Uint8Array> = {}
  let offset = 0
  for (const { name, kind, length } of manifest.arrays) {
    const size = bytesIn(kind, length)
    // A copy of its own buffer, so that the view is aligned.
    const { buffer } = Uint8Array.from(bytes.subarray(offset, offset + size))
    arrays[name] =
      kind === 'float32'
        ? new Float32Array(buffer)
        : kind === 'int32'
          ? new Int32Array(buffer)
          : new Uint8Array(buffer)
    offset += size
  }
  return { checkpoint: { json: manifest.json, arrays }, seconds: manifest.seconds }
}

async function readManifest(file: string): Promise<Manifest> {
  let saved: unknown
  try {
    saved = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    throw damaged(`${file} cannot be read`)
  }
  const version = z.object({ schema: z.unknown() }).safeParse(saved)
  if (version.success && version.data.schema !== SCHEMA) {
    throw new Failure(
      'conflict',
      'This run was paused by another version of the workbench, whose checkpoints this one cannot go on from.',
      'Clone it to train it from its beginning.'
    )
  }
  const manifest = manifestSchema.safeParse(saved)
  if (!manifest.success) throw damaged(`${file} is not what a checkpoint holds`)
  return manifest.data
}

function bytesIn(kind: Kind, length: number): number {
  return length * (kind === 'uint8' ? 1 : 4)
}

function damaged(how: string): Failure {
  return badInput(`The checkpoint of this run is damaged: ${how}.`, 'Start the run again.')
}

function kindOf(values: Float32Array | Int32Array | Uint8Array): Kind {
  if (values instanceof Float32Array) return 'float32'
  return values instanceof Int32Array ? 'int32' : 'uint8'
}
