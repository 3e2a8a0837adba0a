import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** Says that a set is poisoned, how, and how to undo it; lies in its folder or beside it. */
export const MANIFEST_FILE = 'manifest.json'
/** A manifest names each poison of an attack. */
const MOST_BYTES = 64 << 20

/**
 * Whether a manifest.json says that this source is poisoned: one in its folder, or one beside the folder
 * that speaks of it (a run writes manifest.json beside poisoned/).
 */
export function isPoisoned(source: string): boolean {
  return manifestOf(source) !== undefined
}

/** The manifest that says that a source is poisoned; undefined where none does. */
export function manifestOf(source: string): Record<string, unknown> | undefined {
  const stats = statSync(source, { throwIfNoEntry: false })
  if (!stats) return undefined
  const folder = stats.isDirectory() ? source : path.dirname(source)
  const own = readManifest(folder)
  if (own?.poisoned === true) return own
  const above = readManifest(path.dirname(folder))
  if (above?.poisoned !== true) return undefined
  const name = path.basename(folder)
  return /poison/i.test(name) || JSON.stringify(above).includes(`${name}/`) ? above : undefined
}

function readManifest(folder: string): Record<string, unknown> | undefined {
  const file = path.join(folder, MANIFEST_FILE)
  try {
    // Reading a pipe waits for ever.
    const facts = statSync(file)
    if (!facts.isFile() || facts.size > MOST_BYTES) return undefined
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : undefined
  } catch {
    // None, or a manifest of something else: nothing is claimed.
    return undefined
  }
}
