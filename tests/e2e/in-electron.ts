import { describe, test } from 'vitest'
import { desktopMissing, launchElectron } from './launch-electron'
import type { Launch } from './window'

/** BILEVEL_TEST_COMPLETE=1 for the scenes at full length, as in Chromium. */
const isComplete = process.env['BILEVEL_TEST_COMPLETE'] !== undefined

/** A scene in the desktop window; skipped with the reason where that cannot be opened. */
export function playInElectron(scene: (where: string, launch: Launch, isComplete: boolean) => void): void {
  const where = 'Electron, the desktop window'
  const missing = desktopMissing()
  if (missing === undefined) scene(where, launchElectron, isComplete)
  else describe(where, () => test.skip(`missing: ${missing}`))
}

/** A scene that Chromium plays in full and that shows nothing of Electron's own: only in a complete run. */
export function playInElectronToo(scene: (where: string, launch: Launch) => void): void {
  if (isComplete) playInElectron(scene)
  else describe('Electron', () => test.skip('played in Chromium (here with BILEVEL_TEST_COMPLETE=1)'))
}
