import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { UpdateFeed, standInAppImage } from '../support/update-feed'
import { DesktopSession, SeedWorkspace } from './desktop-session'
import { desktopMissing } from './launch-electron'

const missing =
  desktopMissing() ?? (process.platform === 'linux' ? undefined : 'the stand-in of an update is an AppImage')

describe.skipIf(missing !== undefined)(
  `updates of the desktop program${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const seed = new SeedWorkspace()
    let session: DesktopSession
    let feed: UpdateFeed
    const at = (name: string): string => path.join(session.folder, name)

    beforeAll(() => seed.make())
    afterEach(async () => {
      await session?.end()
      await feed?.close()
      vi.unstubAllEnvs()
    })

    /** The program as an AppImage of its own, with a feed that has a newer one. */
    async function start(): Promise<void> {
      session = new DesktopSession(seed)
      feed = new UpdateFeed('9.9.9', standInAppImage(at('ran')))
      await feed.open()
      feed.writeConfig(at('feed.yml'))
      writeFileSync(at('workbench.AppImage'), 'the present version')
      chmodSync(at('workbench.AppImage'), 0o755)
      vi.stubEnv('BILEVEL_TEST_UPDATES', at('feed.yml'))
      vi.stubEnv('APPIMAGE', at('workbench.AppImage'))
      vi.stubEnv('XDG_CACHE_HOME', at('cache'))
      await session.start()
    }

    /** As a person does in the menu. */
    async function chooseInMenu(label: string): Promise<void> {
      await session.window.app.evaluate(({ Menu }, wanted) => {
        const help = Menu.getApplicationMenu()?.items.find(({ role }) => role === 'help')
        help?.submenu?.items.find((item) => item.label === wanted)?.click()
      }, label)
    }

    const updates = (): ReturnType<DesktopSession['person']['region']> => session.person.region('Updates')
    const shows = (text: string | RegExp): Promise<void> => updates().getByText(text).waitFor()

    test('asked for in the menu, downloaded, stopped, downloaded again and installed at quitting; nothing before it is asked', async () => {
      await start()
      await chooseInMenu('About Bilevel Workbench')
      await shows(/never looks for updates by itself/)
      expect(feed.requests).toEqual([])
      await chooseInMenu('Check for Updates ...')
      await shows('Version 9.9.9')
      expect(feed.requests.map(({ url }) => url.split('?')[0])).toEqual(['/latest-linux.yml'])
      // The name that electron-updater would give this installation is not sent.
      expect(feed.requests[0]!.headers['x-user-staging-id']).toBe('none')
      expect(existsSync(at('ran'))).toBe(false)

      await session.person.look('update-offered')
      feed.isSlow = true
      await session.person.button('Download').click()
      await updates()
        .getByText(/Downloading version 9\.9\.9, .* of 2\.9 MiB/)
        .waitFor()
      await session.person.look('update-arriving')
      await session.person.button('Stop').click()
      await session.person.button('Download').waitFor()
      feed.isSlow = false
      await session.person.button('Download').click()
      await shows(/It is installed when you quit/)
      expect(readFileSync(at('workbench.AppImage'), 'utf8')).toBe('the present version')

      await session.quit()
      await session.expectGone()
      expect(readFileSync(at('workbench.AppImage')).equals(feed.announced)).toBe(true)
      // Started once by the updater, so that it registers itself.
      expect(readFileSync(at('ran'), 'utf8')).toBe('ran\n')
    })

    test('what is changed on its way, a feed without a list and one that is gone: told, and nothing is installed', async () => {
      await start()
      await chooseInMenu('Check for Updates ...')
      await shows('Version 9.9.9')
      feed.content = Buffer.from(feed.announced).fill('!', 1000)
      await session.person.button('Download').click()
      await shows(/its checksum is another. It was thrown away/)
      feed.isEmpty = true
      await session.person.button('Check for updates').click()
      await shows('The update server has no list of versions for this system.')
      await feed.close()
      await session.person.button('Check for updates').click()
      await shows('The update server cannot be reached.')
      await session.person.look('update-failed')
      await session.quit()
      await session.expectGone()
      expect(readFileSync(at('workbench.AppImage'), 'utf8')).toBe('the present version')
      expect(existsSync(at('ran'))).toBe(false)
    })

    test('quitting while it arrives: gone at once, and the present version stays', async () => {
      await start()
      await chooseInMenu('Check for Updates ...')
      await shows('Version 9.9.9')
      feed.isSlow = true
      await session.person.button('Download').click()
      await shows(/Downloading version 9\.9\.9/)
      await session.quit()
      await session.expectGone()
      expect(readFileSync(at('workbench.AppImage'), 'utf8')).toBe('the present version')
      expect(existsSync(at('ran'))).toBe(false)
    })

    test('without a feed it says so, and has no button', async () => {
      session = new DesktopSession(seed)
      await session.start()
      await chooseInMenu('Check for Updates ...')
      await shows(/This program runs from its sources/)
      expect(await session.person.button(/updates/i).count()).toBe(0)
      await session.person.button('Show diagnostics').click()
      const text = session.window.page.getByRole('textbox', { name: 'Diagnostics' })
      await text.waitFor()
      expect(await text.inputValue()).toMatch(
        /^Bilevel Workbench .*\nElectron [\d.]+, Chromium [\d.]+, Node\.js /
      )
      expect(await text.inputValue()).not.toContain(session.folder)
      await session.person.button('Copy').click()
      await session.window.page.getByText('Copied.').waitFor()
      const copied = await session.window.app.evaluate(({ clipboard }) => clipboard.readText())
      expect(copied).toBe(await text.inputValue())
      await session.person.look('about')
    })
  }
)
