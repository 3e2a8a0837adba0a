import { existsSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { findChromium } from '../support/chromium'
import { serveWorkbench } from '../support/served-workbench'
import type { WorkbenchWindow } from './window'

/** The served workbench in a Chromium without a display. */
export async function launchChromium(workspace: string): Promise<WorkbenchWindow> {
  const folder = path.dirname(workspace)
  const executablePath = findChromium()
  const data = path.resolve(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data')
  const folders = [folder, ...(existsSync(data) ? [data] : [])]
  const served = await serveWorkbench(workspace, { args: folders.flatMap((each) => ['--folder', each]) })
  const browser = await chromium.launch({
    executablePath,
    // Without a user namespace, as in most containers, Chromium's own sandbox cannot start.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']
  })
  // Each in a context of its own: what one browser keeps, the other knows nothing of.
  const another = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(served.url)
    return page
  }
  return {
    page: await another(),
    another,
    folder,
    reads: (file) => file.startsWith(`${data}${path.sep}`),
    downloads: true,
    close: async () => {
      await browser.close()
      await served.stop()
    }
  }
}
