import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { updatesOf } from '@main/shells/electron/load-updater'
import { updateFailure } from '@main/shells/electron/update-failure'
import { Updates } from '@main/shells/electron/updates'
import type { LoadedUpdater, Updater } from '@main/shells/electron/updates'
import { temporaryFolder } from '@support/command'

/** An updater that finds what it is given, and counts what it is asked. */
function standIn(found: () => Promise<unknown>): {
  loaded: LoadedUpdater
  asked: string[]
  updater: Updater
} {
  const asked: string[] = []
  const updater = {
    on: () => undefined,
    checkForUpdates: () => (asked.push('check'), found()),
    downloadUpdate: () => (asked.push('download'), Promise.resolve([]))
  } as unknown as Updater
  const token = { cancelled: false, cancel: () => undefined }
  return { loaded: { updater, newToken: () => token as never }, asked, updater }
}

test('nothing is loaded or asked before a person asks; each step is one of its own', async () => {
  let loads = 0
  const updateInfo = { version: '2.0.0', releaseDate: '2026-11-29' }
  const { loaded, asked, updater } = standIn(async () => ({ isUpdateAvailable: true, updateInfo }))
  const updates = new Updates(async () => (loads++, loaded))
  expect(updates.state).toEqual({ phase: 'unasked' })
  expect(updates.download()).toEqual({ phase: 'unasked' })
  expect(loads).toBe(0)
  expect(await updates.check()).toEqual({ phase: 'offered', version: '2.0.0', releasedAt: '2026-11-29' })
  expect(asked).toEqual(['check'])
  expect(updater).toMatchObject({
    autoDownload: false,
    allowDowngrade: false,
    disableWebInstaller: true,
    requestHeaders: { 'x-user-staging-id': 'none' }
  })
  expect(updates.download().phase).toBe('downloading')
  await expect.poll(() => updates.state).toEqual({ phase: 'ready', version: '2.0.0' })
  // What is there to be installed is not asked for again.
  expect(await updates.check()).toEqual({ phase: 'ready', version: '2.0.0' })
  expect(asked).toEqual(['check', 'download'])
})

test('no newer one is no failure; a failure can be tried again', async () => {
  const answers = [
    async () => Promise.reject(new Error('net::ERR_INTERNET_DISCONNECTED')),
    async () => ({ isUpdateAvailable: false, updateInfo: { version: '0.1.0' } })
  ]
  const { loaded } = standIn(() => answers.shift()!())
  const updates = new Updates(async () => loaded)
  expect(await updates.check()).toMatchObject({
    phase: 'failed',
    failure: { sentence: 'The update server cannot be reached.' }
  })
  expect((await updates.check()).phase).toBe('current')
})

test.each([
  ['sha512 checksum mismatch, expected a, got b', /its checksum is another/],
  ['New version 2 is not signed by the application owner', /not signed by the publisher/],
  ['write ENOSPC', /disk is full/],
  ['Cannot find channel "latest-linux.yml" update info: HttpError: 404', /no list of versions/],
  ['HttpError: 500 Internal Server Error <html>secret</html>', /refuses to answer/],
  ['net::ERR_NAME_NOT_RESOLVED', /cannot be reached/],
  ['Cannot parse update info: YAMLException: bad', /is no list of versions/],
  ['something else', /could not be had/]
])('%s', (said, expected) => {
  const { code, message } = updateFailure(new Error(said))
  expect(code).toBe('refused')
  expect(message).toMatch(expected)
  expect(message).not.toContain('secret')
})

test('a package has updates where it names a feed; a checkout has none', () => {
  const dir = temporaryFolder()
  const feed = { BILEVEL_TEST_UPDATES: '/feed.yml' }
  expect(updatesOf({ isPackaged: false }, dir, {}).state).toMatchObject({ phase: 'unavailable' })
  expect(updatesOf({ isPackaged: false }, dir, feed).state).toEqual({ phase: 'unasked' })
  // A packaged program takes no feed from whoever starts it.
  expect(updatesOf({ isPackaged: true }, dir, feed).state).toEqual({
    phase: 'unavailable',
    why: 'This package was built without an address for updates: install a newer version by hand.'
  })
  writeFileSync(path.join(dir, 'app-update.yml'), 'provider: generic')
  expect(updatesOf({ isPackaged: true }, dir, {}).state).toEqual({ phase: 'unasked' })
})
