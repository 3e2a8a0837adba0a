// npm run bench -- charts: the page of a run that records 10,000 metric events, live and then left alone. Frames from
// a Chromium trace, memory of the page after a collection. Takes a few minutes: the training is real.
import { denoisingSpec } from '../src/shared/domain/task-spec'
import { quantile } from './quantile'
import { serveForBench, traced } from './served-window'

/** Metric events, one a step on u. */
const EVENTS = 10_000
const WATCHED_SECONDS = 10

const workbench = await serveForBench()
try {
  const sample = await workbench.client.datasets.importSample({ noise: 0.3 })
  // 1,197 examples in batches of 20: 60 steps on u an epoch.
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: `${sample.name}#train`,
    trusted: `${sample.name}#checked`,
    model: 'logistic',
    batchSize: 20,
    lowerSteps: 1,
    crossValidation: 0,
    epochs: Math.ceil(EVENTS / 60)
  })
  const run = await workbench.client.runs.create({ spec })
  const { browser, page } = await workbench.open(`/runs/${run.id}`)
  const session = await page.context().newCDPSession(page)

  /** MiB of the page's script heap, garbage collected. */
  async function heap(): Promise<number> {
    await session.send('HeapProfiler.enable')
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    return usedSize / 2 ** 20
  }

  console.log(
    '| metric events so far | between frames, 50 % / 95 % | work of the page in a frame, 50 % / 95 % | heap |'
  )
  console.log('|---|---|---|---|')
  let events = 0
  let ended = false
  const counting = (async () => {
    for await (const batch of await workbench.client.runs.events({ run: run.id })) {
      events += batch.events.filter(({ type }) => type === 'metric').length
    }
    ended = true
  })()
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  async function row(): Promise<void> {
    const { drawn, frameWork } = await traced(browser, page, () =>
      page.waitForTimeout(WATCHED_SECONDS * 1000)
    )
    const columns = [drawn, frameWork].map(
      (list) => `${ms(quantile(list, 0.5))} / ${ms(quantile(list, 0.95))}`
    )
    console.log(`| ${events} | ${columns.join(' | ')} | ${(await heap()).toFixed(1)} MiB |`)
  }
  await page.locator('canvas').nth(2).waitFor({ timeout: 60_000 })
  for (const share of [0.05, 0.25, 0.5, 0.75]) {
    while (!ended && events < share * EVENTS) await page.waitForTimeout(200)
    if (!ended) await row()
  }
  await counting
  // Left alone: what grows now would grow by the hour.
  const before = await heap()
  await page.waitForTimeout(60_000)
  const after = await heap()
  console.log(`\nAfter ${events} events ${before.toFixed(1)} MiB, a minute later ${after.toFixed(1)} MiB.`)
} finally {
  await workbench.close()
}
