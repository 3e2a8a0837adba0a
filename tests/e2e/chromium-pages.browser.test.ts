import { launchChromium } from './launch-chromium'
import { describePages } from './pages'

describePages('Chromium, the served workbench', launchChromium)
