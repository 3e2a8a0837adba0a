import { describe, test } from 'vitest'
import { desktopMissing, launchElectron } from './launch-electron'
import type { Launch } from './window'

/** A scene in the desktop window; skipped with the reason where that cannot be opened. */
export function playInElectron(scene: (where: string, launch: Launch) => void): void {
  const where = 'Electron, the desktop window'
  const missing = desktopMissing()
  if (missing === undefined) scene(where, launchElectron)
  else describe(where, () => test.skip(`missing: ${missing}`))
}
