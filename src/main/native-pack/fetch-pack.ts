import { mkdirSync, statfsSync, statSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import { fetchFile } from '../files/fetch-file'
import { hashFile } from '../files/hash-file'
import { bytesOf } from './pack'
import type { PackFile } from './pack'

export interface PackWatch {
  onProgress?(bytes: number, total: number, file: string): void
  readonly signal?: AbortSignal
}

/** A wheel beyond this is none of TensorFlow's or NVIDIA's. */
const MOST_BYTES = 8 * 2 ** 30
const REMEDY = 'Check the connection and run "bilevel gpu install" again: it goes on from there.'

/**
 * Download the files of a pack into a folder, one after another; what has arrived is kept, and the next time goes on from
 * there.
 * @returns their paths
 * @throws Failure refused where a server does not give one, conflict where its hash is another, cancelled; bad-input
 *   where the disk has no room
 */
export async function fetchPack(
  files: readonly PackFile[],
  folder: string,
  { onProgress, signal }: PackWatch = {}
): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const total = bytesOf(files)
  requireRoom(folder, total - arrived(files, folder))
  let before = 0
  const paths: string[] = []
  for (const one of files) {
    const target = path.join(folder, one.file)
    if (!(await isComplete(one, target))) {
      const order = { url: one.url, target, sha256: one.sha256, signal, mostBytes: MOST_BYTES }
      await fetchFile({ ...order, what: 'the libraries', remedy: REMEDY }, (bytes) =>
        onProgress?.(before + bytes, Math.max(total, before + bytes), one.file)
      )
    }
    before += statSync(target).size
    onProgress?.(before, Math.max(total, before), one.file)
    paths.push(target)
  }
  return paths
}

/** One that arrived before this start is read again: what lies on a disk for days may not be what was fetched. */
async function isComplete({ sha256, bytes }: PackFile, target: string): Promise<boolean> {
  const there = statSync(target, { throwIfNoEntry: false })
  if (!there?.isFile() || (bytes > 0 && there.size !== bytes)) return false
  return sha256 === undefined || (await hashFile(target)) === sha256
}

function arrived(files: readonly PackFile[], folder: string): number {
  const sizes = files.flatMap(({ file }) =>
    [file, `${file}.part`].map(
      (name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0
    )
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Said before gigabytes have been fetched for nothing. */
function requireRoom(folder: string, wanted: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (free >= wanted) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  throw new Failure(
    'bad-input',
    `The disk of ${folder} has ${gigabytes(free)} free, and ${gigabytes(wanted)} are still to be fetched.`,
    'Free some space, or name a folder on another disk in BILEVEL_CACHE.'
  )
}
