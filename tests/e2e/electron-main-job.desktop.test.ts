import { describe, test } from 'vitest'
import { desktopMissing, launchElectron } from './launch-electron'
import { describeMainJob } from './main-job'

const where = 'Electron, the desktop window'
const missing = desktopMissing()
if (missing === undefined) describeMainJob(where, launchElectron)
else describe(where, () => test.skip(`missing: ${missing}`))
