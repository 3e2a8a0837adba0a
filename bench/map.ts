// npm run bench -- map [rows]: the map of a table in the window, its points moved, zoomed and circled by the pointer. Frames
// as the page is asked for them, and as Chromium draws them (a trace). Beside them what a frame costs the page.
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { Random } from '../src/shared/numerics/random'
import { quantile } from './quantile'
import { serveForBench, traced } from './served-window'

const rows = Number(process.argv[2] ?? 100_000)
const CLASSES = 20
const COLUMNS = 4
const FRAMES = 120

/** A table of clusters, a twentieth of them with the name of another. */
function table(): string {
  const random = new Random(7)
  const middles = Array.from({ length: CLASSES * COLUMNS }, () => 4 * random.normal())
  const lines = [[...Array.from({ length: COLUMNS }, (_, i) => `column ${i + 1}`), 'label'].join(',')]
  for (let row = 0; row < rows; row++) {
    const cluster = row % CLASSES
    const cells = Array.from({ length: COLUMNS }, (_, i) =>
      (middles[cluster * COLUMNS + i]! + random.normal()).toFixed(4)
    )
    lines.push([...cells, `kind ${row % 20 === 19 ? (cluster + 1) % CLASSES : cluster}`].join(','))
  }
  return lines.join('\n')
}

/** The canvas, and the middle of it on the screen. */
async function middleOf(page: Page): Promise<{ x: number; y: number }> {
  const box = (await page.getByRole('application').boundingBox())!
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/**
 * Milliseconds between the frames that a page is asked for, while something is done in each.
 * @param act a statement of `i`, how many frames have passed, and `canvas`
 */
async function between(page: Page, act: string): Promise<number[]> {
  return await page.evaluate(`new Promise((resolve) => {
    const canvas = document.querySelector('[role="application"]')
    const times = []
    requestAnimationFrame(function step(now) {
      times.push(now)
      const i = times.length
      if (i > ${FRAMES}) return resolve(times.slice(1).map((time, at) => time - times[at]))
      ${act}
      requestAnimationFrame(step)
    })
  })`)
}

/** The pointer, held down, goes round twice. */
async function circling(page: Page, radius: number): Promise<number[]> {
  const { x, y } = await middleOf(page)
  await page.mouse.move(x + radius, y)
  await page.mouse.down()
  const times = await between(
    page,
    `const angle = (4 * Math.PI * i) / ${FRAMES}
    const at = { clientX: ${x} + ${radius} * Math.cos(angle), clientY: ${y} + ${radius} * Math.sin(angle) }
    canvas.dispatchEvent(new PointerEvent('pointermove', { ...at, pointerId: 1, buttons: 1, bubbles: true }))`
  )
  await page.mouse.up()
  return times
}

/** The wheel goes in, and out again. */
async function zooming(page: Page): Promise<number[]> {
  const { x, y } = await middleOf(page)
  return await between(
    page,
    `const deltaY = i <= ${FRAMES / 2} ? -12 : 12
    canvas.dispatchEvent(new WheelEvent('wheel', { clientX: ${x}, clientY: ${y}, deltaY, cancelable: true }))`
  )
}

const dir = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-map-'))
const workbench = await serveForBench([dir])
try {
  const source = path.join(dir, 'table.csv')
  writeFileSync(source, table())
  let dataset = ''
  for await (const news of await workbench.client.datasets.import({ source, name: 'table' })) {
    if (news.type === 'done') dataset = news.dataset.id
  }
  await workbench.client.surveys.start({ dataset })
  const { browser, page } = await workbench.open(`/datasets/${dataset}/map`)
  await page.getByRole('application').waitFor({ timeout: 600_000 })
  await page.waitForTimeout(3000)
  const box = (await page.getByRole('application').boundingBox())!
  console.log(
    `${rows} points, ${Math.round(box.width)} x ${Math.round(box.height)} pixels, load ${os.loadavg()[0]!.toFixed(1)}\n`
  )
  console.log(
    '| what | between frames asked for, 50 % / 95 % | between frames drawn, 50 % / 95 % | work of the page in a frame, 50 % / 95 % |'
  )
  console.log('|---|---|---|---|')
  const acts: Record<string, () => Promise<number[]>> = {
    'at rest': () => between(page, ''),
    moved: () => circling(page, 100),
    zoomed: () => zooming(page),
    'circled by the lasso': async () => {
      await page.getByRole('button', { name: 'Lasso' }).click()
      return await circling(page, 200)
    }
  }
  for (const [name, act] of Object.entries(acts)) {
    let asked: number[] = []
    const { drawn, frameWork } = await traced(browser, page, async () => {
      asked = await act()
    })
    const columns = [asked, drawn, frameWork].map(
      (list) => `${quantile(list, 0.5).toFixed(1)} / ${quantile(list, 0.95).toFixed(1)} ms`
    )
    console.log(`| ${name} | ${columns.join(' | ')} |`)
    await page.waitForTimeout(1000)
  }
  // A lasso that selects nothing has measured nothing.
  console.log(
    `\n${await page.getByRole('region', { name: 'Selected' }).locator('strong').first().innerText()} selected`
  )
} finally {
  await workbench.close()
  rmSync(dir, { recursive: true, force: true })
}
