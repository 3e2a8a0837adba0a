// Whether the time a run takes is what was forecast: npm run bench -- forecast [words of kinds,...] [times]
// Each kind of run in a workspace that knows no run yet, so that the forecast is of rates; then again, from the run before.
// With the time left that it told on the way: how far off it was (times too long or too short, while ten seconds or more
// were left), how long it stayed at its end, and the processor seconds of its processes, for machines that others use too. Data: BILEVEL_TEST_DATA, default ../shared/data. Prints Markdown.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRun, estimateRun, openWorkspace, trainRun, validateSpec } from '@main/runs'
import type { Workspace } from '@main/runs'
import type { Estimate } from '@shared/domain/estimate'
import type { RunEvent } from '@shared/domain/run-event'
import { taskSpec } from '@shared/domain/task-spec'
import { familyOf, processTimes } from './processor-time'
import { quantile } from './quantile'

const DATA = process.env['BILEVEL_TEST_DATA'] ?? path.resolve(import.meta.dirname, '../../shared/data')
const [words = '', times = '2'] = process.argv.slice(2)

const mnist = (range: string): string => `${path.join(DATA, 'mnist')}#train[${range}]`
const real = (name: string): string => path.join(DATA, 'real', name)
const denoising = { task: 'denoising', model: 'mlp' }
const adult = { labelColumn: 'classification', train: `${real('adult.csv')}[200:8000]` }
const texts = { train: `${real('banking77-train.csv')}[0:4000]`, trusted: false }
const features = real('cifar10n-efficientnet.npz')

const photographs = {
  imageSize: 64,
  train: `${real('ants-bees.zip')}#train`,
  trusted: `${real('ants-bees.zip')}#test`
}

const KINDS: Readonly<Record<string, Record<string, unknown>>> = {
  'small pictures, logistic': {
    ...denoising,
    model: 'logistic',
    train: mnist('0:2000'),
    trusted: mnist('5000:5200')
  },
  'small pictures, mlp': { ...denoising, train: mnist('0:2000'), trusted: mnist('5000:5200') },
  'more small pictures, mlp': { ...denoising, train: mnist('0:5000'), trusted: mnist('5000:5500') },
  'small pictures, quick look': {
    ...denoising,
    ...{ model: 'logistic', epochs: 15 },
    train: mnist('0:2000'),
    trusted: mnist('5000:5200')
  },
  'small pictures, cnn': {
    ...denoising,
    model: 'cnn',
    epochs: 4,
    train: mnist('0:500'),
    trusted: mnist('5000:5100')
  },
  'small pictures, first look': { ...denoising, train: mnist('0:2000'), trusted: false },
  'table, mlp': { ...denoising, ...adult, trusted: `${real('adult.csv')}[0:200]` },
  'table, logistic': { ...denoising, model: 'logistic', ...adult, trusted: `${real('adult.csv')}[0:200]` },
  'table, first look': { ...denoising, ...adult, trusted: false },
  'texts of 77 classes, first look': { ...denoising, ...texts },
  'features, mlp': { ...denoising, train: `${features}[0:3500]`, trusted: `${features}[3500:4000]` },
  'sample digits, mlp': {
    ...denoising,
    train: 'sample-digits#train[200:1397]',
    trusted: 'sample-digits#train[0:200]'
  },
  'photographs at 64 x 64, quick look': { ...denoising, ...photographs, model: 'logistic', epochs: 15 },
  'photographs at 64 x 64, first look': { ...denoising, ...photographs, trusted: false },
  'photographs at 24 x 24, cnn': { ...denoising, ...photographs, imageSize: 24, model: 'cnn' },
  'photographs at 64 x 64, mlp': { ...denoising, ...photographs },
  'few-shot': {
    task: 'few-shot',
    upperSteps: 100,
    train: path.join(DATA, 'omniglot/images_background_small1.zip'),
    test: path.join(DATA, 'omniglot/images_background_small1.zip')
  },
  'poisoning, untargeted': {
    task: 'poisoning',
    attack: 'untargeted',
    count: 50,
    train: mnist('0:1000'),
    validation: mnist('5000:6000')
  },
  'tuned regularisation': { task: 'hyperparameters', train: mnist('0:1000'), validation: mnist('5000:6000') }
}

const LOOK_MS = 250

interface Taken {
  readonly seconds: number
  /** Of its processes, as often as they were looked at. */
  readonly processor: number
  readonly events: readonly Extract<RunEvent, { type: 'progress' }>[]
}

async function train(workspace: Workspace, settings: Record<string, unknown>): Promise<[Estimate, Taken]> {
  const spec = taskSpec.parse(settings)
  const estimate = estimateRun(workspace.store, spec, await validateSpec(workspace, spec))
  const events: Extract<RunEvent, { type: 'progress' }>[] = []
  const began = performance.now()
  const had = new Map<number, number>()
  const look = setInterval(() => {
    for (const { pid, seconds } of familyOf(processTimes(), process.pid))
      if (pid !== process.pid) had.set(pid, seconds)
  }, LOOK_MS)
  const { id } = createRun({ workspace, spec })
  const { record } = await trainRun(workspace, id, {
    onEvent: (event) => {
      if (event.type === 'progress') events.push(event)
    }
  })
  clearInterval(look)
  if (record.state !== 'done') throw new Error(JSON.stringify(record.failure))
  const processor = [...had.values()].reduce((sum, seconds) => sum + seconds, 0)
  return [estimate, { seconds: (performance.now() - began) / 1000, processor, events }]
}

const NOTABLE = 10

/** What was said of the time left, against what was left. */
function timeLeft({ events, seconds }: Taken): string {
  const end = events.at(-1)?.seconds ?? seconds
  const factors = events.flatMap(({ seconds: at, secondsLeft }) => {
    const left = end - at
    return left < NOTABLE || secondsLeft === undefined ? [] : [Math.max(secondsLeft, 1) / left]
  })
  const lasting = events.find(({ fraction }) => fraction >= 0.975)
  const atEnd = lasting ? `${(seconds - lasting.seconds).toFixed(0)} s` : '-'
  if (factors.length === 0) return `- | ${atEnd}`
  const [low, middle, high] = [0, 0.5, 0.999].map((share) => quantile(factors, share).toFixed(2))
  return `${low} ${middle} ${high} | ${atEnd}`
}

const said = ({ range }: Estimate): string => (range ? `${range.low}-${range.high} s` : 'nothing')
const isIn = ({ range }: Estimate, { seconds }: Taken): string =>
  range === null ? '-' : seconds > range.high ? 'longer' : seconds < range.low ? 'shorter' : 'yes'

console.log('| run | time | forecast | took | processor | holds | time left: least, median, most | at 98 % |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [name, settings] of Object.entries(KINDS)) {
  if (!words.split(',').some((word) => name.includes(word))) continue
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-forecast-'))
  const workspace = openWorkspace(path.join(folder, 'workspace'))
  try {
    for (let time = 1; time <= Number(times); time++) {
      const [estimate, taken] = await train(workspace, settings)
      console.log(
        `| ${name} | ${time} | ${said(estimate)} | ${taken.seconds.toFixed(1)} s | ${taken.processor.toFixed(0)} s | ${isIn(estimate, taken)} | ${timeLeft(taken)} |`
      )
    }
  } catch (error) {
    console.log(`| ${name} | failed: ${String(error)} |`)
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
