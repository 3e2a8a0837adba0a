// npm run bench -- grid: MNIST's 60,000 images in the window. Import, the first page of pictures, scrolling in a trace.
// Data: MNIST as IDX in BILEVEL_TEST_DATA (default ../shared/data).
import { existsSync } from 'node:fs'
import path from 'node:path'
import { quantile } from './quantile'
import { serveForBench, traced } from './served-window'

const data = path.resolve(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data')
const mnist = path.join(data, 'mnist')
if (!existsSync(mnist)) {
  console.error(`There is no MNIST at ${mnist}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}

const workbench = await serveForBench([data])
try {
  const { browser, page } = await workbench.open('/datasets')
  const started = performance.now()
  let dataset = ''
  for await (const news of await workbench.client.datasets.import({ source: mnist, name: 'mnist' })) {
    if (news.type === 'done') dataset = news.dataset.id
  }
  const imported = performance.now()
  await page.evaluate((hash) => (location.hash = hash), `#/datasets/${dataset}`)
  // A page of pictures: every tile in sight has its place in an atlas that has come.
  await page.waitForFunction(() => {
    const tiles = [...document.querySelectorAll<HTMLElement>('[role="option"] .picture')]
    return tiles.length > 20 && tiles.every((tile) => tile.style.backgroundImage !== '')
  })
  const seen = performance.now()

  const scrolled = await traced(browser, page, async () => {
    const session = await page.context().newCDPSession(page)
    const box = (await page.getByRole('listbox', { name: 'Examples' }).boundingBox())!
    // Half a minute of steady scrolling, down and back: about 25 lines of pictures a second.
    for (const yDistance of [-36_000, 36_000]) {
      await session.send('Input.synthesizeScrollGesture', {
        x: box.x + box.width / 2,
        y: box.y + box.height / 2,
        yDistance,
        speed: 2400,
        gestureSourceType: 'mouse'
      })
    }
  })
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  console.log('| what | measured |\n|---|---|')
  console.log(`| import of 70,000 examples from IDX | ${((imported - started) / 1000).toFixed(1)} s |`)
  console.log(`| from there to the first page of pictures | ${ms(seen - imported)} |`)
  console.log(`| frames while scrolling | ${scrolled.drawn.length} |`)
  for (const share of [0.5, 0.95, 0.99]) {
    const at = `${share * 100} %`
    console.log(`| between frames while scrolling, ${at} | ${ms(quantile(scrolled.drawn, share))} |`)
    console.log(`| work of the page in a frame, ${at} | ${ms(quantile(scrolled.frameWork, share))} |`)
  }
} finally {
  await workbench.close()
}
