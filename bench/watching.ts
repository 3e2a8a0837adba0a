// npm run bench -- watching [rounds] [seconds]: what the window costs a run, and the run the window. One long run is
// timed in turn with nobody watching and with its page open: steps on v by the clock, and processor time of the
// training, the workbench and the browser, which tells more where others use the machine too. Then the API is asked
// for a ping every 25 ms, with the page open and without.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { denoisingSpec } from '../src/shared/domain/task-spec'
import { familyOf, processTimes } from './processor-time'
import { quantile } from './quantile'
import { serveForBench } from './served-window'

const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 20)
/** What opening a page costs is not what watching costs. */
const SETTLING_SECONDS = 8
const PING_SECONDS = 5
/** Steps on v to one on u. */
const LOWER_STEPS = 20

const workbench = await serveForBench()
const { client } = workbench

const PARTS = ['training', 'workbench', 'page', 'drawing', 'rest of the browser'] as const
type Part = (typeof PARTS)[number]
/** Processor seconds by part. */
type Times = Record<Part, number>

interface Measured {
  readonly stepsPerSecond: number
  /** Processor seconds of each part in a second of the clock. */
  readonly times: Times
}

const wait = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000))

function partOf(command: string): Part | undefined {
  const type = / --type=(\S+)/.exec(command)?.[1]
  if (type === 'renderer') return 'page'
  if (type === 'gpu-process') return 'drawing'
  return type || /chrom/i.test(command.split(' ')[0]!) ? 'rest of the browser' : undefined
}

/** @param training the process that trains */
function timesNow(training: number): Times {
  const all = processTimes()
  const times: Times = { training: 0, workbench: 0, page: 0, drawing: 0, 'rest of the browser': 0 }
  const server = familyOf(all, workbench.pid)
  for (const { pid, seconds } of server) times[pid === training ? 'training' : 'workbench'] += seconds
  for (const { command, pid, seconds } of familyOf(all, process.pid)) {
    const part = server.some((one) => one.pid === pid) ? undefined : partOf(command)
    if (part) times[part] += seconds
  }
  return times
}

/** The newest step on u and its age, from the file that the training writes: asking the workbench would cost it. */
function newestStep(outputDir: string): { step: number; seconds: number } | undefined {
  let text: string
  try {
    text = readFileSync(path.join(outputDir, 'metrics.ndjson'), 'utf8')
  } catch {
    return undefined
  }
  // Steps have f; numbers of an epoch come as metrics too.
  const line = text.split('\n').findLast((each) => each.includes('"f":') && each.endsWith('}'))
  return line === undefined ? undefined : (JSON.parse(line) as { step: number; seconds: number })
}

async function measure(outputDir: string, pid: number): Promise<Measured> {
  const [step, times, clock] = [newestStep(outputDir)!, timesNow(pid), performance.now()]
  await wait(seconds)
  const [laterStep, laterTimes] = [newestStep(outputDir)!, timesNow(pid)]
  const passed = (performance.now() - clock) / 1000
  return {
    stepsPerSecond: (LOWER_STEPS * (laterStep.step - step.step)) / (laterStep.seconds - step.seconds),
    times: Object.fromEntries(PARTS.map((part) => [part, (laterTimes[part] - times[part]) / passed])) as Times
  }
}

/** Milliseconds of each. */
async function ping(): Promise<number[]> {
  const pings: number[] = []
  const until = performance.now() + PING_SECONDS * 1000
  while (performance.now() < until) {
    const asked = performance.now()
    await client.system.ping()
    pings.push(performance.now() - asked)
    await wait(0.025)
  }
  return pings
}

try {
  const sample = await client.datasets.importSample({ noise: 0.3 })
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: `${sample.name}#train`,
    trusted: `${sample.name}#checked`,
    model: 'mlp',
    hiddenSizes: [300],
    lowerSteps: LOWER_STEPS,
    crossValidation: 0,
    // Minutes, so that the progress bar moves as it does for a person; ended when everything has been measured.
    epochs: 2000
  })
  const { id, outputDir } = await client.runs.create({ spec })
  while (!newestStep(outputDir)) {
    const { failure } = (await client.runs.get({ run: id })).record
    if (failure) throw new Error(failure.sentence)
    await wait(0.5)
  }
  const { pid } = (await client.runs.get({ run: id })).record
  await wait(SETTLING_SECONDS)

  const alone: Measured[] = []
  const watched: Measured[] = []
  const pings: { alone: number[]; watched: number[] } = { alone: [], watched: [] }
  for (let round = 0; round < rounds; round++) {
    alone.push(await measure(outputDir, pid!))
    pings.alone.push(...(await ping()))
    const window = await workbench.open(`/runs/${id}`)
    await window.page.locator('canvas').nth(2).waitFor({ timeout: 60_000 })
    await wait(SETTLING_SECONDS)
    watched.push(await measure(outputDir, pid!))
    pings.watched.push(...(await ping()))
    await window.browser.close()
    await wait(SETTLING_SECONDS / 2)
  }
  await client.runs.cancel({ run: id })

  const middle = (list: readonly Measured[], value: (one: Measured) => number): number =>
    quantile(list.map(value), 0.5)
  console.log('| | nobody watching | its page open |\n|---|---|---|')
  const steps = [alone, watched].map((list) => list.map((one) => one.stepsPerSecond.toFixed(0)).join(', '))
  console.log(`| steps on v a second | ${steps.join(' | ')} |`)
  for (const part of PARTS) {
    const columns = [alone, watched].map(
      (list) => `${(100 * middle(list, ({ times }) => times[part])).toFixed(1)} %`
    )
    console.log(`| processor of the ${part}, of one core | ${columns.join(' | ')} |`)
  }
  for (const share of [0.5, 0.99]) {
    const columns = [pings.alone, pings.watched].map((list) => `${quantile(list, share).toFixed(1)} ms`)
    console.log(`| ping, ${share * 100} % | ${columns.join(' | ')} |`)
  }
  const others = ({ times }: Measured): number => PARTS.slice(1).reduce((sum, part) => sum + times[part], 0)
  const shares = watched.map((one, i) => (others(one) - others(alone[i]!)) / one.times.training)
  const lost = watched.map((one, i) => 1 - one.stepsPerSecond / alone[i]!.stepsPerSecond)
  const percent = (list: readonly number[]): string => `${(100 * quantile(list, 0.5)).toFixed(1)} %`
  console.log(`\nMedian of ${rounds} rounds of ${seconds} s:`)
  console.log(`- watching takes ${percent(shares)} of the processor time that training takes`)
  console.log(`- steps lost by the clock ${percent(lost)}`)
} finally {
  await workbench.close()
}
