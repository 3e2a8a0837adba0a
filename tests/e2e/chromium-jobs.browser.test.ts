import { launchChromium } from './launch-chromium'
import { describeJobs } from './jobs'

describeJobs('Chromium, the served workbench', launchChromium)
