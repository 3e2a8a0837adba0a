// What was fetched and compiled once, kept in the user's cache folder: the next `npm ci` only links it.
//
// An entry is a folder laid out like the package it is linked into (deps/lib, deps/nvidia, lib/napi-v8) with an
// `entry.json` that lists every file and its size. It is written in a staging folder and renamed, so an entry is
// whole or absent.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const STAGING = '.staging-'
const DAY = 24 * 3600 * 1000

/**
 * @typedef {object} Entry
 * @property {1} schema
 * @property {'wheel' | 'archive'} source
 * @property {'cpu' | 'cuda'} build
 * @property {string} tensorflow version
 * @property {string} platform e.g. linux-x64
 * @property {string} addon version of the package whose addon was compiled
 * @property {{ path: string, size: number }[]} files
 */

export class NativeCache {
  /** @param {string} folder @param {boolean} lasting false: removed at the end, so nothing may point into it */
  constructor(folder, lasting) {
    this.folder = folder
    this.lasting = lasting
  }

  /** The user's cache, or a temporary one where that cannot be written. */
  static open(env = process.env) {
    const folder = path.join(
      env.BILEVEL_CACHE || path.join(userCacheFolder(env), 'bilevel-workbench'),
      'native'
    )
    try {
      mkdirSync(folder, { recursive: true })
      const cache = new NativeCache(folder, true)
      cache.#sweep()
      rmSync(cache.stage(), { recursive: true })
      return cache
    } catch {
      return new NativeCache(mkdtempSync(path.join(os.tmpdir(), 'bilevel-native-')), false)
    }
  }

  /** A new, empty folder on the same file system as the entries. */
  stage() {
    return mkdtempSync(path.join(this.folder, STAGING))
  }

  /**
   * Whole entries for a build, the preferred TensorFlow version first.
   * @param {{ source: string, build: string }} plan
   * @param {string} platform @param {string} addon @param {string} preferred
   * @returns {{ folder: string, entry: Entry }[]}
   */
  find(plan, platform, addon, preferred) {
    return readdirSync(this.folder)
      .filter((name) => !name.startsWith('.'))
      .map((name) => path.join(this.folder, name))
      .flatMap((folder) => {
        const entry = readEntry(folder)
        return entry && matches(entry, plan, platform, addon) && intact(folder, entry)
          ? [{ folder, entry }]
          : []
      })
      .sort((a, b) => Number(b.entry.tensorflow === preferred) - Number(a.entry.tensorflow === preferred))
  }

  /**
   * @param {string} staged a finished folder inside {@link stage}
   * @param {Omit<Entry, 'schema' | 'files'>} facts
   * @returns {{ folder: string, entry: Entry }}
   */
  publish(staged, facts) {
    const entry = { schema: 1, ...facts, files: filesBelow(staged) }
    writeFileSync(path.join(staged, 'entry.json'), `${JSON.stringify(entry, null, 2)}\n`)
    const { tensorflow, build, platform, addon } = facts
    const folder = path.join(this.folder, `tensorflow-${tensorflow}-${build}-${platform}-addon-${addon}`)
    // Another installation may have published the same meanwhile: one of the two is as good as the other.
    const other = readEntry(folder)
    if (other && intact(folder, other)) return { folder, entry: other }
    rmSync(folder, { recursive: true, force: true })
    renameSync(staged, folder)
    return { folder, entry }
  }

  /** Removes a temporary cache. */
  close() {
    if (!this.lasting) rmSync(this.folder, { recursive: true, force: true })
  }

  /** Staging folders of installations that were killed. */
  #sweep() {
    for (const name of readdirSync(this.folder)) {
      const folder = path.join(this.folder, name)
      if (name.startsWith(STAGING) && Date.now() - statSync(folder).mtimeMs > DAY) {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  }
}

/** @returns {Entry | undefined} */
export function readEntry(folder) {
  try {
    const entry = JSON.parse(readFileSync(path.join(folder, 'entry.json'), 'utf8'))
    return entry.schema === 1 ? entry : undefined
  } catch {
    return undefined
  }
}

/** @param {Entry} entry */
export function matches(entry, plan, platform, addon) {
  return (
    entry.source === plan.source &&
    entry.build === plan.build &&
    entry.platform === platform &&
    entry.addon === addon
  )
}

/** Every file is there in its size. */
export function intact(folder, entry) {
  return entry.files.every(({ path: file, size }) => {
    const full = path.join(folder, file)
    return existsSync(full) && statSync(full).size === size
  })
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => ({
      path: path.relative(folder, file).split(path.sep).join('/'),
      size: statSync(file).size
    }))
}

function userCacheFolder(env) {
  if (process.platform === 'win32') return env.LOCALAPPDATA || path.join(os.homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches')
  return env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
}
