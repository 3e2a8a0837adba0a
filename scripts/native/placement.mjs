// Puts a cache entry into the package: by hard link (no space, survives a cleared cache), else by symbolic link,
// else by copy.
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync
} from 'node:fs'
import path from 'node:path'
import { ADDON_PATH } from './addon.mjs'

/**
 * Replaces `deps` and `lib/napi-v8` of the package; a process that has the old libraries loaded keeps them.
 * @param {string} from an entry's folder
 * @param {import('./cache.mjs').Entry} entry
 * @param {string} packageFolder
 * @param {boolean} lasting whether links into `from` will stay valid
 * @returns {string} the addon's path
 */
export function place(from, entry, packageFolder, lasting) {
  const fresh = mkdtempSync(path.join(packageFolder, '.native-'))
  try {
    for (const { path: file } of entry.files) {
      put(path.join(from, file), path.join(fresh, file), lasting)
    }
    const deps = path.join(fresh, 'deps')
    copyFileSync(path.join(from, 'entry.json'), path.join(deps, 'entry.json'))
    const addonFolder = path.dirname(ADDON_PATH)
    for (const part of ['deps', addonFolder]) {
      const target = path.join(packageFolder, part)
      mkdirSync(path.dirname(target), { recursive: true })
      if (isThere(target)) renameSync(target, path.join(fresh, `old-${path.basename(part)}`))
      renameSync(path.join(fresh, part), target)
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return path.join(packageFolder, ADDON_PATH)
}

/** Removes what {@link place} put there, so that nothing broken is loaded later. */
export function remove(packageFolder) {
  for (const part of ['deps', path.dirname(ADDON_PATH)]) {
    rmSync(path.join(packageFolder, part), { recursive: true, force: true })
  }
}

/** Also true of a link that points nowhere. */
function isThere(file) {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined
}

function put(source, target, lasting) {
  mkdirSync(path.dirname(target), { recursive: true })
  if (lstatSync(source).isSymbolicLink()) {
    symlinkSync(readlinkSync(source), target)
    return
  }
  const ways = [linkSync, ...(lasting ? [symlinkSync] : []), copyFileSync]
  for (const [index, way] of ways.entries()) {
    try {
      way(source, target)
      return
    } catch (error) {
      if (index === ways.length - 1) throw error
    }
  }
}
