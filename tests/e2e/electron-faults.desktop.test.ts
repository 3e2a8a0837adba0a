import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bridge } from '../../src/preload/bridge'
import { until } from '../support/command'
import { plainPng } from '../support/pictures'
import { rawZip } from '../support/raw-zip'
import { ANSWER, DesktopSession, GONE_SECONDS, SeedWorkspace, isAlive } from './desktop-session'
import { desktopCommand, desktopMissing } from './launch-electron'

const missing = desktopMissing()

describe.skipIf(missing !== undefined)(
  `what may go wrong in the desktop window${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const seed = new SeedWorkspace()
    let session: DesktopSession
    let run: string

    beforeAll(async () => {
      await seed.make()
      session = new DesktopSession(seed)
      ;({ run } = await session.startTraining())
    })
    afterAll(async () => {
      await session?.end()
    })

    test('the page can reach nothing: no permission, no other page, no other window, no network', async () => {
      const { page } = session.window
      expect(await page.evaluate(() => location.protocol)).toBe('bilevel:')
      const asked = await page.evaluate(async () => ({
        notifications: await Notification.requestPermission(),
        camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
          () => 'granted',
          (error: DOMException) => error.name
        ),
        network: await fetch('http://127.0.0.1:9/').then(
          () => 'reached',
          () => 'refused'
        ),
        file: await fetch('file:///etc/passwd').then(
          () => 'reached',
          () => 'refused'
        ),
        outside: await fetch('bilevel://workbench/../../package.json').then(({ status }) => status),
        require: typeof (globalThis as { require?: unknown }).require,
        opened: window.open('https://example.org/')
      }))
      expect(asked).toEqual({
        notifications: 'denied',
        camera: expect.stringMatching(/^Not(Allowed|Found)Error$/),
        network: 'refused',
        file: 'refused',
        outside: 404,
        require: 'undefined',
        opened: null
      })
    })

    test('a second start brings the window forward and ends', async () => {
      await session.window.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.minimize())
      const { binary, args, env } = desktopCommand(session.workspace)
      const second = spawn(binary, args, { env, stdio: 'ignore' })
      expect(await new Promise((resolve) => second.on('close', resolve))).toBe(0)
      await expect
        .poll(() =>
          session.window.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.isMinimized())
        )
        .toBe(false)
    })

    // The driver waits for ever for a navigation that was refused, and for a page that crashed: from here to the next
    // start the main process is asked what the window shows.
    const inPage = (code: string): Promise<string> =>
      session.window.app.evaluate(
        ({ BrowserWindow }, script) =>
          // A page that has just crashed gives no answer.
          Promise.race([
            BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(script) as Promise<string>,
            new Promise<string>((resolve) => setTimeout(() => resolve(''), 1000))
          ]),
        code
      )

    test('the page cannot be left for another', async () => {
      await session.person.press('Runs', 'link')
      await session.person.heading('Runs').waitFor()
      const before = await inPage('location.href')
      for (const url of ['https://example.org/', 'file:///etc/passwd', 'bilevel://other/']) {
        await inPage(`void (location.href = '${url}')`)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await inPage('location.href')).toBe(before)
    })

    test('the page crashes: it is there again where it was, and the run has gone on', async () => {
      const worker = await session.untilTraining(run)
      await session.window.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer()
      )
      await expect.poll(() => inPage('document.body.innerText')).toContain('digits-with-wrong-labels#train')
      expect(isAlive(worker)).toBe(true)
      expect(session.run(run)).toMatchObject({ state: 'running', pid: worker })
    })

    test('the training process crashes: its run fails with a reason, goes on from its checkpoint, the window stays', async () => {
      process.kill(await session.untilTraining(run), 'SIGKILL')
      await expect.poll(() => session.run(run).state).toBe('failed')
      expect(session.run(run)).toMatchObject({ resumable: true, failure: { code: 'process-died' } })
      expect(isAlive(session.window.pid)).toBe(true)
      await session.restart()
      await session.person.press('Runs', 'link')
      await session.person.press(/digits-with-wrong-labels#train/, 'link')
      await session.person.press('Resume')
      await session.untilTraining(run)
    })

    test('another workspace is opened while the run trains: the run is paused, the new window shows the other', async () => {
      const worker = await session.untilTraining(run)
      const other = path.join(session.folder, 'other')
      const opened = session.window.app.waitForEvent('window')
      await session.window.page.evaluate((folder) => {
        const { workbench } = globalThis as unknown as { workbench: Bridge }
        void workbench.openWorkspace(folder)
      }, other)
      const page = await opened
      page.setDefaultTimeout(ANSWER)
      await page.getByRole('heading', { name: 'Find out which labels you can trust' }).waitFor()
      await expect.poll(() => session.run(run)).toMatchObject({ state: 'paused', resumable: true })
      await until(() => !isAlive(worker), GONE_SECONDS)
      expect(
        await session.window.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
      ).toBe(1)
      await session.window.app.evaluate(({ app }) => setTimeout(() => app.quit()))
      await session.expectGone()
    })

    test.each(['folder', 'zip'])('a %s is dropped on the window: looked at where it lies', async (kind) => {
      await session.restart()
      const source = await (kind === 'zip' ? zip() : folder())
      await session.person.press('Import a dataset')
      await session.drop(source)
      const found = session.person.region('What was found')
      await found.waitFor()
      expect(await found.innerText()).toContain(source)
      rmSync(source, { recursive: true })
      await session.quit()
      await session.expectGone()
    })

    async function folder(): Promise<string> {
      const source = path.join(session.folder, 'pets of mine')
      for (const name of ['cats/0.png', 'cats/1.png', 'dogs/0.png', 'dogs/1.png']) {
        mkdirSync(path.dirname(path.join(source, name)), { recursive: true })
        writeFileSync(path.join(source, name), await plainPng(200))
      }
      return source
    }

    async function zip(): Promise<string> {
      const source = path.join(session.folder, 'pets.zip')
      const picture = await plainPng(200)
      const members = ['cats/0.png', 'cats/1.png', 'dogs/0.png', 'dogs/1.png'].map((name) => ({
        name,
        content: picture
      }))
      writeFileSync(source, rawZip(members))
      return source
    }
  }
)
