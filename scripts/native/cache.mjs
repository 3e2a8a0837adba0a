// A provisioned TensorFlow is kept in the user's cache folder, so that the next `npm ci` neither downloads nor
// compiles: the package in node_modules only links to it.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ADDON_PATH } from './addon.mjs'

const MARKER = 'complete.json'

export function cacheRoot(env = process.env) {
  if (env.BILEVEL_CACHE) return path.join(env.BILEVEL_CACHE, 'native')
  if (process.platform === 'win32' && env.LOCALAPPDATA) {
    return path.join(env.LOCALAPPDATA, 'bilevel-workbench', 'Cache', 'native')
  }
  const base = env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache')
  return path.join(base, 'bilevel-workbench', 'native')
}

/** @param {{ build: string }} plan */
export function cacheFolder(plan, version) {
  return path.join(cacheRoot(), `${version}-${plan.build}-${process.platform}-${process.arch}`)
}

/** What an earlier run left complete in a folder, or undefined. */
export function cached(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, MARKER), 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Build into a folder beside and rename, so that an interrupted run leaves nothing that looks complete.
 * @param {string} folder
 * @param {(scratch: string) => Promise<Record<string, unknown>>} build returns what the marker says
 */
export async function fillCache(folder, build) {
  const scratch = `${folder}.${process.pid}`
  mkdirSync(scratch, { recursive: true })
  try {
    const facts = await build(scratch)
    writeFileSync(path.join(scratch, MARKER), JSON.stringify(facts))
    rmSync(folder, { recursive: true, force: true })
    renameSync(scratch, folder)
    return facts
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/**
 * Put a cached TensorFlow into the package: the libraries as a link, the addon as a copy, since it finds them
 * relative to its own place.
 * @returns {string} path of the addon
 */
export function linkIntoPackage(folder, packageFolder) {
  const deps = path.join(packageFolder, 'deps')
  rmSync(deps, { recursive: true, force: true })
  symlinkSync(path.join(folder, 'deps'), deps, 'junction')
  const addon = path.join(packageFolder, ADDON_PATH)
  mkdirSync(path.dirname(addon), { recursive: true })
  if (existsSync(addon)) rmSync(addon)
  copyFileSync(path.join(folder, ADDON_PATH), addon)
  return addon
}
