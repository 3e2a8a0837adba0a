import { describe, test } from 'vitest'
import { isComplete } from '../support/complete'
import { desktopMissing, launchElectron } from './launch-electron'
import type { Launch } from './window'

/** A scene in the desktop window, at full length in a complete run; skipped with the reason where that cannot be opened. */
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
