import { describe, test } from 'vitest'
import { desktopMissing } from './launch-electron'
import { PACKAGED, launchPackaged } from './launch-packaged'
import { describeMainJob } from './main-job'

const where = 'the packaged program, with nothing on the path'
const missing = PACKAGED === undefined ? 'a packaged program (set BILEVEL_TEST_PACKAGED)' : desktopMissing()
if (missing === undefined) describeMainJob(where, launchPackaged, { engine: 'native' })
else describe(where, () => test.skip(`missing: ${missing}`))
