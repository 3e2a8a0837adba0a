import { launchChromium } from './launch-chromium'
import { describeTasks } from './tasks'

describeTasks('Chromium, the served workbench', launchChromium)
