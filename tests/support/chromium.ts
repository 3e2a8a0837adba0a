import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
]

function present(): string | undefined {
  const own = chromium.executablePath()
  return [process.env['BILEVEL_CHROMIUM'] ?? '', own, ...PLACES].find(
    (place) => place !== '' && existsSync(place)
  )
}

/**
 * A Chromium to look at the window with: the one named by BILEVEL_CHROMIUM, an installed one, or, as root on
 * Debian, the distribution's, installed now.
 * @throws with the remedy
 */
export function findChromium(): string {
  const found = present()
  if (found) return found
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const install = (): void => {
      const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options)
    }
    try {
      install()
    } catch {
      execFileSync('apt-get', ['update'], { stdio: 'ignore' })
      install()
    }
    const installed = present()
    if (installed) return installed
  }
  throw new Error(
    'The window is tested in a real browser, and there is no Chromium here. Install one ' +
      '("sudo apt install chromium", or "npx playwright-core install chromium"), or name one in BILEVEL_CHROMIUM.'
  )
}
