import { describeJobs } from './jobs'
import { launchChromium } from './launch-chromium'
import { describeMainJob } from './main-job'
import { describeTasks } from './tasks'

const where = 'Chromium, the served workbench'
describeMainJob(where, launchChromium)
describeTasks(where, launchChromium)
describeJobs(where, launchChromium)
