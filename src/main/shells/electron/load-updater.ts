import { existsSync } from 'node:fs'
import path from 'node:path'
import type { App } from 'electron'
import type * as ElectronUpdater from 'electron-updater'
import type { UpdateDesk } from '../../api'
import { noUpdates } from '../no-updates'
import { Updates } from './updates'
import type { LoadedUpdater } from './updates'

/** Written by the packaging where it names a feed (electron-builder.yml). */
const CONFIG = 'app-update.yml'

/**
 * Updates of this program from the feed that its package names; none where it names none.
 * @param environment BILEVEL_TEST_UPDATES names such a file for a program that is not packaged, as tests start it
 */
export function updatesOf(
  app: Pick<App, 'isPackaged'>,
  resources: string,
  environment: NodeJS.ProcessEnv
): UpdateDesk {
  if (!app.isPackaged) {
    const config = environment['BILEVEL_TEST_UPDATES']
    return config === undefined
      ? noUpdates('This program runs from its sources: update those, for example with "git pull".')
      : new Updates(() => load(config))
  }
  return existsSync(path.join(resources, CONFIG))
    ? new Updates(() => load())
    : noUpdates('This package was built without an address for updates: install a newer version by hand.')
}

/** Not before it is needed. */
async function load(config?: string): Promise<LoadedUpdater> {
  const loaded = await import('electron-updater')
  // A CommonJS package: a bundle gives its names, Node all of it as the default.
  const { autoUpdater, CancellationToken } = 'autoUpdater' in loaded ? loaded : (loaded as Loaded).default
  if (config !== undefined) {
    autoUpdater.forceDevUpdateConfig = true
    autoUpdater.updateConfigPath = config
  }
  return { updater: autoUpdater, newToken: () => new CancellationToken() }
}

interface Loaded {
  readonly default: typeof ElectronUpdater
}
