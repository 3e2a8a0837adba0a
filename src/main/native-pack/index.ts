// The GPU's libraries as a pack: listed, fetched when a person says so, put in place.
import { rmSync } from 'node:fs'
import path from 'node:path'
import envPaths from 'env-paths'
import { tellLog } from '../log'
import { fetchPack } from './fetch-pack'
import type { PackWatch } from './fetch-pack'
import { installFromWheels } from './native-scripts'
import type { PackFile } from './pack'

export { listPack, packObstacle, presentBuild } from './native-scripts'
export { bytesOf, sourcesOf } from './pack'
export type { PackFile } from './pack'

/** The user's cache, or what BILEVEL_CACHE names. */
export function packCache(): string {
  return process.env['BILEVEL_CACHE'] || envPaths('bilevel-workbench', { suffix: '' }).cache
}

/**
 * Fetch a pack below the user's cache, or go on doing so, and put it in place of the present build.
 * @throws Failure as fetching and installing do; what has arrived is kept
 */
export async function installPack(
  files: readonly PackFile[],
  cache: string,
  watch: PackWatch & { say(line: string): void }
): Promise<void> {
  const folder = path.join(cache, 'wheels')
  tellLog('pack', { state: 'fetching', files: files.length })
  await fetchPack(files, folder, watch)
  tellLog('pack', { state: 'installing' })
  await installFromWheels(folder, watch.say)
  tellLog('pack', { state: 'done' })
  // Unpacked they are in the cache of native builds.
  rmSync(folder, { recursive: true, force: true })
}
