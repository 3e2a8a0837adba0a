import { isComplete } from '../support/complete'
import { launchChromium } from './launch-chromium'
import { describeMainJob } from './main-job'

// A network learns from the command line, too: denoise.training.test.ts.
describeMainJob('Chromium, the served workbench', launchChromium, { isShort: !isComplete })
