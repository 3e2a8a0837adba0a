import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sweepTemporaryFolders } from '@main/datasets/store/temporary-folder'
import { until } from '../support/command'
import { isComplete } from '../support/complete'
import { slowSource } from '../support/slow-source'
import { beginImport as importPictures } from './begin-import'
import { DesktopSession, GONE_SECONDS, SeedWorkspace, isAlive } from './desktop-session'
import { desktopMissing } from './launch-electron'

/** Pictures of an import that is broken off: more than some seconds' work. */
const PICTURES = 200
/** Of one that goes on to its end: still not done when the window is closed. */
const FEW_PICTURES = 40
/** Places of the buttons of "still being imported". */
const QUIT = 0

const missing = desktopMissing()

describe.skipIf(missing !== undefined)(
  `the desktop program ends${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const seed = new SeedWorkspace()
    let session: DesktopSession

    beforeAll(() => seed.make())
    beforeEach(() => {
      session = new DesktopSession(seed)
    })
    afterEach(() => session.end())

    const ways: readonly (readonly [string, () => Promise<void> | void])[] = [
      ['quitting', () => session.quit()],
      ['closing the window', () => session.closeWindow()],
      ['SIGTERM', () => void process.kill(session.window.pid, 'SIGTERM')],
      ['SIGINT', () => void process.kill(session.window.pid, 'SIGINT')]
    ]

    // Quitting and signals are met again below, while it imports and exports; a training process told by a signal pauses
    // in tests/main/shells too.
    const held = ways.slice(1, 2)
    test.each(isComplete ? ways : held)(
      'while a run trains, by %s: the run is paused with a checkpoint',
      async (_way, end) => {
        const { run, worker } = await session.startTraining()
        await end()
        await session.expectGone()
        await until(() => !isAlive(worker), GONE_SECONDS)
        expect(session.run(run)).toMatchObject({ state: 'paused', resumable: true, failure: null })
      }
    )

    test('while it imports, by quitting: asked first; then nothing of the import is left', async () => {
      await session.start()
      await beginImport()
      await session.answerQuestions(1 - QUIT)
      await session.quit()
      const side = session.person.region('Imports and exports')
      await side.getByText(/%/).waitFor()
      await session.answerQuestions(QUIT)
      await session.quit()
      await session.expectGone()
      expect(datasets()).toHaveLength(1)
    })

    test('while it imports, by closing the window: the import goes on to its end first', async () => {
      await session.start()
      await beginImport(FEW_PICTURES)
      await session.closeWindow()
      await session.expectGone(20 * GONE_SECONDS)
      expect(datasets()).toHaveLength(2)
    })

    test('while it imports, by SIGTERM: nobody is asked, nothing of the import is left', async () => {
      await session.start()
      await beginImport()
      process.kill(session.window.pid, 'SIGTERM')
      await session.expectGone()
      expect(datasets()).toHaveLength(1)
    })

    test('while it exports, by quitting: nothing of the export is left', async () => {
      await session.start()
      await beginImport(FEW_PICTURES)
      const { person } = session
      await person.page.getByRole('status').filter({ hasText: 'pets imported' }).waitFor({ timeout: 300_000 })
      await person.press('Open the dataset')
      await person.press('Export')
      await person.page.getByLabel('Folder', { exact: true }).fill(path.join(session.folder, 'written'))
      await person.press('Write and check')
      await person.page.getByText('You can leave this page: the export goes on.').waitFor()
      await session.answerQuestions(QUIT)
      await session.quit()
      await session.expectGone()
      expect(readdirSync(session.folder).sort()).toEqual(['pets', 'user-data', 'workspace'])
    })

    /** What an end in a hurry had no time to remove is hidden, and goes with the next start. */
    function datasets(): string[] {
      const folder = path.join(session.workspace, 'datasets')
      sweepTemporaryFolders(folder)
      return readdirSync(folder)
    }

    async function beginImport(count = PICTURES): Promise<void> {
      const { person } = session
      await importPictures(person, await slowSource(path.join(session.folder, 'pets'), count), 'pets')
      await person.press('Runs', 'link')
      await person.region('Imports and exports').getByText(/%/).waitFor()
    }
  }
)
