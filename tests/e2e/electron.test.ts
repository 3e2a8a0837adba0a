import { existsSync } from 'node:fs'
import { describe, test } from 'vitest'
import { ELECTRON_MAIN, electronBinary, launchElectron } from './launch-electron'
import { describeMainJob } from './main-job'

const missing = [
  ...(electronBinary() ? [] : ['Electron’s binary ("node node_modules/electron/install.js" fetches it)']),
  ...(existsSync(ELECTRON_MAIN) ? [] : ['the built program ("npm run build" makes it)'])
]

if (missing.length === 0) describeMainJob('Electron, the desktop window', launchElectron)
else {
  console.warn(`skipped: the desktop window is not driven; missing: ${missing.join(', ')}`)
  describe('Electron, the desktop window', () => test.skip(`missing: ${missing.join(', ')}`))
}
