import { existsSync } from 'node:fs'
import { describe, test } from 'vitest'
import { ELECTRON_MAIN, electronBinary, launchElectron } from './launch-electron'
import { describeMainJob } from './main-job'
import { describeTasks } from './tasks'

const missing = [
  ...(electronBinary() ? [] : ['Electron’s binary ("node node_modules/electron/install.js" fetches it)']),
  ...(existsSync(ELECTRON_MAIN) ? [] : ['the built program ("npm run build" makes it)'])
]

const where = 'Electron, the desktop window'
if (missing.length === 0) {
  describeMainJob(where, launchElectron)
  describeTasks(where, launchElectron)
} else {
  console.warn(`skipped: the desktop window is not driven; missing: ${missing.join(', ')}`)
  describe(where, () => test.skip(`missing: ${missing.join(', ')}`))
}
