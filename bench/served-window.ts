import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { findChromium } from '../tests/support/chromium'
import { serveWorkbench } from '../tests/support/served-workbench'
import type { WorkbenchClient } from '../src/shared/contract'

export interface ServedWindow {
  readonly client: WorkbenchClient
  /** Of the workbench's own process. */
  readonly pid: number
  /** A window at a route of the workbench, for as long as it is wanted. */
  open(route: string): Promise<{ browser: Browser; page: Page }>
  close(): Promise<void>
}

/** A workbench of its own in an empty workspace, served as `bilevel start --browser` serves it. */
export async function serveForBench(folders: readonly string[] = []): Promise<ServedWindow> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
  const args = folders.flatMap((folder) => ['--folder', folder])
  const served = await serveWorkbench(path.join(dir, 'workspace'), { args })
  const { client, close } = served.connect()
  const browsers: Browser[] = []
  return {
    client,
    pid: served.process.pid!,
    open: async (route) => {
      const executablePath = findChromium()
      const options = [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--enable-precise-memory-info'
      ]
      const browser = await chromium.launch({ executablePath, args: options })
      browsers.push(browser)
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(served.url)
      await page.getByRole('navigation', { name: 'Main' }).waitFor()
      await page.evaluate((hash) => (location.hash = hash), `#${route}`)
      return { browser, page }
    },
    close: async () => {
      for (const browser of browsers) await browser.close()
      close()
      await served.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

interface TraceEvent {
  readonly name: string
  /** Microseconds. */
  readonly ts: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
}

/** What Chromium does while something happens, of the kinds that tell of frames. */
export async function traced(
  browser: Browser,
  page: Page,
  act: () => Promise<void>
): Promise<{ drawn: number[]; frameWork: number[] }> {
  const timeline = 'disabled-by-default-devtools.timeline'
  const categories = ['devtools.timeline', timeline, `${timeline}.frame`, 'toplevel', 'cc', 'benchmark']
  await browser.startTracing(page, { categories })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[]
  }
  const named = (name: string): TraceEvent[] =>
    traceEvents.filter((event) => event.name === name).sort((a, b) => a.ts - b.ts)
  const draws = named('DrawFrame').map(({ ts }) => ts / 1000)
  const frames = named('BeginMainThreadFrame')
  return {
    /** Milliseconds between frames that were drawn. */
    drawn: draws.slice(1).map((ts, i) => ts - draws[i]!),
    /** Milliseconds of the page's own thread in each task that makes a frame: scripts, style, layout, painting. */
    frameWork: named('RunTask')
      .filter(({ ts, dur = 0, pid, tid }) =>
        frames.some((f) => f.pid === pid && f.tid === tid && f.ts >= ts && f.ts < ts + dur)
      )
      .map(({ dur = 0 }) => dur / 1000)
  }
}
