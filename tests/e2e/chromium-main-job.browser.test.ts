import { launchChromium } from './launch-chromium'
import { describeMainJob } from './main-job'

describeMainJob('Chromium, the served workbench', launchChromium)
