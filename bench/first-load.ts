// npm run bench -- first-load: what the served window sends before its first page is there, in kB, in a browser that has
// seen nothing of it; as it travels and unpacked.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium } from '../tests/support/chromium'
import { serveWorkbench } from '../tests/support/served-workbench'

const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-first-load-'))
const served = await serveWorkbench(path.join(folder, 'workspace'))
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--no-sandbox', '--disable-gpu']
})
try {
  const page = await browser.newPage()
  const answers: Promise<[name: string, sent: number, unpacked: number]>[] = []
  page.on('requestfinished', (request) => {
    answers.push(
      (async () => {
        const response = await request.response()
        const body = response?.ok() ? await response.body() : Buffer.alloc(0)
        return [new URL(request.url()).pathname, (await request.sizes()).responseBodySize, body.length]
      })()
    )
  })
  await page.goto(served.url)
  await page.getByRole('button', { name: 'Import a dataset' }).waitFor()
  await page.waitForLoadState('networkidle')
  const all = (await Promise.all(answers)).sort(([, a], [, b]) => b - a)
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1).padStart(8)
  for (const [name, sent, unpacked] of all.slice(0, 8)) {
    console.log(`${kilobytes(sent)} kB ${kilobytes(unpacked)} kB unpacked  ${name}`)
  }
  const sum = (at: 1 | 2): number => all.reduce((total, one) => total + one[at], 0)
  console.log(`${kilobytes(sum(1))} kB ${kilobytes(sum(2))} kB unpacked  in ${all.length} answers`)
} finally {
  await browser.close()
  await served.stop()
  rmSync(folder, { recursive: true, force: true })
}
