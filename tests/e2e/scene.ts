import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/command'
import { Person } from './person'
import type { Launch, WorkbenchWindow } from './window'

const MINUTE = 60_000
/** Limits end what hangs; they measure nothing: a machine that does other work may take ten times as long. */
const ANSWER = 3 * MINUTE
/** How long a training, an import or an export may take that a step waits for. */
export const WORK = 15 * MINUTE
const STEP = 30 * MINUTE
/** Where the window is seen as it was when a step failed. */
const FAILED = path.resolve(import.meta.dirname, '.artifacts/window-at-failure.png')

type Act = (person: Person, window: WorkbenchWindow) => Promise<void>
export type Step = (name: string, act: Act) => void

/**
 * Steps in one window with a workspace of its own. Each goes on where the one before stopped, as a person does: after
 * one that failed, the others would only tell of its consequences.
 * Nothing moves, as for people who ask for that: each frame costs the training its processor.
 */
export function describeScene(title: string, launch: Launch, write: (step: Step) => void): void {
  describe(title, () => {
    const dir = temporaryFolder()
    let window: WorkbenchWindow
    let person: Person
    let stopped = false
    /** Errors that the window told its console. */
    const complaints: string[] = []

    beforeAll(async () => {
      window = await launch(path.join(dir, 'workspace'))
      const { page } = window
      page.setDefaultTimeout(ANSWER)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      person = new Person(page)
    })
    afterAll(async () => {
      await window?.close()
    })

    write((name, act) => {
      test(name, { timeout: STEP }, async ({ skip }) => {
        if (stopped) skip('a step before it failed')
        try {
          await act(person, window)
        } catch (error) {
          stopped = true
          await window.page.screenshot({ path: FAILED })
          console.log(`The window as it was then: ${FAILED}\n${complaints.join('\n')}`)
          throw error
        }
      })
    })

    test('the window complained of nothing', () => expect(complaints).toEqual([]))
  })
}
