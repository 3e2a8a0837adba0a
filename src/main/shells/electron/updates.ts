import type { AppUpdater, CancellationToken } from 'electron-updater'
import { failureData } from '../../../shared/domain/failure'
import type { UpdateState } from '../../../shared/domain/update'
import type { UpdateDesk } from '../../api'
import { noteError, tellLog } from '../../log'
import { updateFailure } from './update-failure'

/** As much of electron-updater as is used. */
export interface Updater extends Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'disableWebInstaller'
  | 'requestHeaders'
  | 'logger'
  | 'checkForUpdates'
  | 'downloadUpdate'
> {
  on(
    event: 'download-progress',
    listener: (progress: { transferred: number; total: number }) => void
  ): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** electron-updater, and a token that ends a download. */
export interface LoadedUpdater {
  readonly updater: Updater
  newToken(): CancellationToken
}

/**
 * Newer versions of the installed program by electron-updater: asked for, downloaded and, when the program is quit,
 * installed; each only because a person said so. Its files name their SHA-512; Windows and macOS also refuse what is not
 * signed as the present version is.
 */
export class Updates implements UpdateDesk {
  #state: UpdateState = { phase: 'unasked' }
  #loaded: Promise<LoadedUpdater> | undefined
  #token: CancellationToken | undefined

  /** @param load is not called before somebody asks */
  constructor(private readonly load: () => Promise<LoadedUpdater>) {}

  get state(): UpdateState {
    return this.#state
  }

  async check(): Promise<UpdateState> {
    if (this.#isBusy) return this.#state
    this.#become({ phase: 'checking' })
    try {
      const { updater } = await this.#updater()
      const found = await updater.checkForUpdates()
      if (!found?.isUpdateAvailable) {
        return this.#become({ phase: 'current', checkedAt: new Date().toISOString() })
      }
      const { version, releaseDate } = found.updateInfo
      return this.#become({ phase: 'offered', version, releasedAt: releaseDate || null })
    } catch (error) {
      return this.#fail(error)
    }
  }

  download(): UpdateState {
    if (this.#state.phase !== 'offered') return this.#state
    const { version } = this.#state
    this.#become({ phase: 'downloading', version, done: 0, total: 0 })
    void this.#fetch(version)
    return this.#state
  }

  cancel(): UpdateState {
    this.#token?.cancel()
    return this.#state
  }

  get #isBusy(): boolean {
    return ['checking', 'downloading', 'ready'].includes(this.#state.phase)
  }

  async #fetch(version: string): Promise<void> {
    const { updater, newToken } = await this.#updater()
    const token = newToken()
    this.#token = token
    try {
      await updater.downloadUpdate(token)
      this.#become({ phase: 'ready', version })
    } catch (error) {
      if (token.cancelled) this.#become({ phase: 'offered', version, releasedAt: null })
      else this.#fail(error)
    } finally {
      this.#token = undefined
    }
  }

  #updater(): Promise<LoadedUpdater> {
    this.#loaded ??= this.load().then((loaded) => {
      const { updater } = loaded
      updater.autoDownload = false
      updater.autoInstallOnAppQuit = true
      updater.allowDowngrade = false
      updater.disableWebInstaller = true
      updater.logger = null
      // It would name each installation by a number of its own.
      updater.requestHeaders = { 'x-user-staging-id': 'none' }
      updater.on('download-progress', ({ transferred, total }) => {
        if (this.#state.phase === 'downloading') this.#state = { ...this.#state, done: transferred, total }
      })
      // Told by what was asked as well.
      updater.on('error', () => undefined)
      return loaded
    })
    // One that could not be loaded is tried again.
    this.#loaded.catch(() => (this.#loaded = undefined))
    return this.#loaded
  }

  #become(state: UpdateState): UpdateState {
    this.#state = state
    tellLog('update', { phase: state.phase })
    return state
  }

  #fail(error: unknown): UpdateState {
    noteError(error)
    return this.#become({ phase: 'failed', failure: failureData(updateFailure(error)) })
  }
}
