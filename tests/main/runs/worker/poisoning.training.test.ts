import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { DatasetStore, readNamedArrays, resolveReference } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { poisoningMetrics } from '@shared/domain/poisoning-metrics'
import { report as reportSchema } from '@shared/domain/report'
import type { PoisoningMetrics } from '@shared/domain/poisoning-metrics'
import type { Report } from '@shared/domain/report'
import { bilevel, temporaryFolder, until } from '@support/command'
import { bilevelHere } from '@support/command-here'
import { isComplete } from '@support/complete'
import { TEST_DATA, hasTestData } from '@support/datasets'
import { recordedRuns, runningProcess } from '@support/recorded-runs'
import { writtenReport } from '@support/written-report'

const dir = temporaryFolder()
const place = path.join(dir, 'workspace')
const workspace = ['--workspace', place]
const mnist = path.join(TEST_DATA, 'mnist')
const TRAIN = 300
const COUNT = 20

function poison(out: string, ...more: string[]): string[] {
  return [
    'poison',
    '--train',
    `${mnist}#train[0:${TRAIN}]`,
    '--validation',
    `${mnist}#train[1000:1400]`,
    '--test',
    `${mnist}#test[0:2000]`,
    '--count',
    String(COUNT),
    '--victim-seeds',
    '2',
    '--out',
    path.join(dir, out),
    '--json',
    ...workspace,
    ...more
  ]
}

/** Every label and feature of a reference, opened afresh. */
async function contents(
  reference: string
): Promise<Pick<ExampleSelection, 'labels' | 'count'> & { x: Float32Array }> {
  const selection = await resolveReference(new DatasetStore(path.join(dir, 'fresh/datasets')), reference)
  try {
    const rows = Array.from({ length: selection.count }, (_, i) => i)
    return { count: selection.count, labels: selection.labels, x: selection.readRows(rows) }
  } finally {
    selection.close()
  }
}

interface Manifest {
  readonly poisoned: boolean
  readonly how: string
  readonly rowsToRemove: number[]
  readonly baseIndices: number[]
  readonly files: { path: string; sha256: string; bytes: number }[]
}

const read = (...name: string[]): string => readFileSync(path.join(dir, ...name), 'utf8')
const manifestOf = (out: string): Manifest => JSON.parse(read(out, 'manifest.json')) as Manifest

describe.skipIf(!hasTestData('mnist'))('poisoning from the command line', () => {
  let report: Report
  let metrics: PoisoningMetrics

  beforeAll(async () => {
    const { code, stdout, stderr } = await bilevel(poison('attack', '--upper-steps', '60', '--defend'))
    expect(code, stderr).toBe(0)
    report = writtenReport(path.join(dir, 'attack'), stdout)
    metrics = poisoningMetrics.parse(report.metrics)
  })

  test('victims of the exported files lose more than to label flips, beyond both intervals', () => {
    const { labelFlip, poisoned, clean } = metrics.intervals.testAccuracy!
    expect(clean!.rate).toBeGreaterThan(0.7)
    expect(poisoned!.rate).toBeLessThan(labelFlip!.rate - 0.05)
    expect(poisoned!.high).toBeLessThan(labelFlip!.low)
    expect(metrics.testAccuracy.poisoned).toBe(poisoned!.rate)
    expect(poisoned!.seeds).toHaveLength(2)
    expect(metrics).toMatchObject({ attack: 'untargeted', count: COUNT, share: COUNT / TRAIN })
    expect(report.timing.upperSteps).toBe(60)
  })

  test('writes what the contract names', async () => {
    const out = path.join(dir, 'attack')
    for (const name of [
      'poisons.npz',
      'poisoned',
      'manifest.json',
      'report.json',
      'metrics.ndjson',
      'spec.yaml'
    ]) {
      expect(existsSync(path.join(out, name)), name).toBe(true)
    }
    expect(read('attack', 'README-POISONED.txt')).toMatch(/POISONED/)
    const arrays = await readNamedArrays(path.join(out, 'poisons.npz'))
    expect(arrays.get('x')!.shape).toEqual([COUNT, 28, 28, 1])
    expect(arrays.get('x_base')!.shape).toEqual([COUNT, 28, 28, 1])
    expect(arrays.get('y')!.shape).toEqual([COUNT])
    const source = await contents(`${mnist}#train[0:${TRAIN}]`)
    arrays.get('base_indices')!.values.forEach((row, i) => {
      const base = arrays.get('x_base')!.values.slice(i * 784, (i + 1) * 784)
      expect(base).toEqual(source.x.slice(row * 784, (row + 1) * 784))
      // Every poison's label is wrong for the image it came from.
      expect(arrays.get('y')!.values[i]).not.toBe(source.labels[row])
    })
    const events = read('attack', 'metrics.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; file?: string })
    const snapshots = events.filter(({ type }) => type === 'snapshot')
    expect(snapshots.length).toBeGreaterThan(5)
    snapshots.forEach(({ file }) => expect(existsSync(path.join(out, file!))).toBe(true))
  })

  test('the poisoned set holds the source and the poisons as listed, bit for bit', async () => {
    const arrays = await readNamedArrays(path.join(dir, 'attack/poisons.npz'))
    const source = await contents(`${mnist}#train[0:${TRAIN}]`)
    const poisoned = await contents(path.join(dir, 'attack/poisoned'))
    const { rowsToRemove } = manifestOf('attack')
    expect(poisoned.count).toBe(TRAIN + COUNT)
    expect(rowsToRemove).toHaveLength(COUNT)
    rowsToRemove.forEach((row, i) => {
      expect(poisoned.labels[row]).toBe(arrays.get('y')!.values[i])
      expect(poisoned.x.slice(row * 784, (row + 1) * 784)).toEqual(
        arrays.get('x')!.values.slice(i * 784, (i + 1) * 784)
      )
    })
    const removed = new Set(rowsToRemove)
    const rest = Array.from(poisoned.labels.keys()).filter((row) => !removed.has(row))
    expect(rest.map((row) => poisoned.labels[row])).toEqual(Array.from(source.labels))
    const pixels = rest.flatMap((row) => Array.from(poisoned.x.slice(row * 784, (row + 1) * 784)))
    expect(Float32Array.from(pixels)).toEqual(source.x)
  })

  test('the manifest tells how, and the checksum of every file', () => {
    const manifest = manifestOf('attack')
    expect(manifest.poisoned).toBe(true)
    expect(manifest.how).toMatch(/20 copies/)
    expect(manifest.files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['poisons.npz', 'poisoned/train-images-idx3-ubyte.gz'])
    )
    const inPoisoned = manifest.files.filter((file) => file.path.startsWith('poisoned/'))
    expect(inPoisoned).toHaveLength(readdirSync(path.join(dir, 'attack/poisoned')).length)
    for (const file of manifest.files) {
      const bytes = readFileSync(path.join(dir, 'attack', file.path))
      expect(createHash('sha256').update(bytes).digest('hex'), file.path).toBe(file.sha256)
      expect(bytes.length).toBe(file.bytes)
    }
  })

  test('undone, the set is its source again and no longer marked; a part of it stays marked', async () => {
    const poisoned = path.join(dir, 'attack/poisoned')
    const clean = path.join(dir, 'clean')
    const undone = await bilevelHere([
      'datasets',
      'export',
      poisoned,
      '--without-poisons',
      '--out',
      clean,
      ...workspace
    ])
    expect(undone.code, undone.stderr).toBe(0)
    expect(await contents(clean)).toEqual(await contents(`${mnist}#train[0:${TRAIN}]`))
    expect(existsSync(path.join(clean, 'manifest.json'))).toBe(false)
    const part = path.join(dir, 'part')
    await bilevelHere([
      'datasets',
      'export',
      `${poisoned}[${TRAIN - 5}:${TRAIN + 3}]`,
      '--out',
      part,
      ...workspace
    ])
    expect(manifestOf('part').rowsToRemove).toEqual([5, 6, 7])
  })

  test('the defence catches poisons, and says at what cost', () => {
    const { defence } = metrics
    expect(defence!.poisons).toBe(COUNT)
    expect(defence!.caught).toBeGreaterThan(COUNT / 4)
    expect(defence!.auroc).toBeGreaterThan(0.8)
    expect(defence!.cleanFlagged).toBeLessThan(TRAIN / 5)
    expect(defence!.victimAfter.testAccuracy.poisoned!).toBeGreaterThan(metrics.testAccuracy.poisoned!)
    const issues = read('attack', 'defence/issues.csv').trim().split('\n')
    expect(issues).toHaveLength(1 + TRAIN + COUNT)
  })

  test('a poisoned set as training data is warned of, and its poisons score a denoising run', async () => {
    const { code, stdout, stderr } = await bilevel([
      'denoise',
      '--train',
      path.join(dir, 'attack/poisoned'),
      '--trusted',
      `${mnist}#train[1000:1100]`,
      '--out',
      path.join(dir, 'denoised'),
      ...'--epochs 2 --cross-validation 2 --pretrain-epochs 5 --backend wasm --json'.split(' '),
      ...workspace
    ])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/WARNING: --train .* is POISONED/)
    const denoised = reportSchema.parse(JSON.parse(stdout))
    expect(denoised.advice.join(' ')).toMatch(/POISONED/)
    expect(denoised.metrics).toMatchObject({ poisons: { poisons: COUNT } })
  })

  test('targeted: the wanted confusion, other classes spared, another victim', async () => {
    const { code, stdout, stderr } = await bilevel(
      poison(
        'targeted',
        ...'--attack targeted --from-class 8 --to-class 3 --method approx-grad --upper-steps 8'.split(' '),
        ...'--victim-seeds 1 --victims mlp --hidden-sizes 4'.split(' ')
      )
    )
    expect(code, stderr).toBe(0)
    const found = poisoningMetrics.parse(writtenReport(path.join(dir, 'targeted'), stdout).metrics)
    const { successRate, otherAccuracy, intervals } = found
    expect(successRate!.poisoned!).toBeGreaterThan(successRate!.labelFlip! + 0.2)
    expect(intervals.successRate!.poisoned!.low).toBeGreaterThan(intervals.successRate!.labelFlip!.high)
    expect(otherAccuracy!.poisoned!).toBeGreaterThan(otherAccuracy!.clean! - 0.03)
    expect(found.transfer.map(({ model }) => model)).toEqual(['mlp'])
  })

  const options = '--upper-steps 4 --victim-seeds 1 --budgets 5,20 --backend wasm'.split(' ')
  const bytes = (out: string, file = 'poisons.npz'): Buffer => readFileSync(path.join(dir, out, file))

  test('a budget curve; run again from its spec.yaml, killed and resumed from its checkpoint: the same poisons', async () => {
    const { stdout } = await bilevel(poison('complete', ...options))
    const found = poisoningMetrics.parse(writtenReport(path.join(dir, 'complete'), stdout).metrics)
    expect(found.budgetCurve!.map(({ count }) => count)).toEqual([5, 20])
    expect(found.budgetCurve![1]!.testAccuracy).toEqual(found.testAccuracy)
    const again = ['run', path.join(dir, 'complete/spec.yaml'), '--out', path.join(dir, 'killed')]
    const metricsFile = path.join(dir, 'killed/metrics.ndjson')
    const checks = (): number =>
      existsSync(metricsFile) ? readFileSync(metricsFile, 'utf8').split('retrainedAccuracy').length - 1 : 0
    const { code } = await bilevel([...again, '--json', ...workspace], {
      // In the second of the two sets of the curve.
      during: () =>
        void until(() => checks() > 5).then(() => {
          process.kill(runningProcess(place), 'SIGKILL')
        })
    })
    expect(code).toBe(1)
    const killed = recordedRuns(place).find(({ state }) => state === 'failed')!
    expect(killed.resumable).toBe(true)
    const resumed = await bilevel(['runs', 'resume', killed.id, '--json', ...workspace])
    expect(resumed.code, resumed.stderr).toBe(0)
    for (const file of ['poisons.npz', 'poisons-5.npz']) {
      expect(bytes('killed', file).equals(bytes('complete', file)), file).toBe(true)
    }
    const rates = (out: string): unknown =>
      (JSON.parse(read(out, 'report.json')) as { metrics: PoisoningMetrics }).metrics.testAccuracy
    expect(rates('killed')).toEqual(rates('complete'))
    // Otherwise denoising says it for all tasks.
    if (!isComplete) return
    await bilevel(poison('other', ...options, '--seed', '5'))
    expect(bytes('other').equals(bytes('complete'))).toBe(false)
  })

  // Otherwise denoising says it for all tasks.
  test.runIf(isComplete)('time up: the best so far, judged and written', async () => {
    const { code, stdout } = await bilevel(
      poison('short', ...'--upper-steps 100000 --max-seconds 1 --victim-seeds 1 --backend wasm'.split(' '))
    )
    expect(code).toBe(0)
    expect(reportSchema.parse(JSON.parse(stdout)).stopped).toBe('time')
    expect(manifestOf('short').rowsToRemove).toHaveLength(COUNT)
  })

  test.for([
    [['--attack', 'targeted'], /needs --from-class/],
    [['--attack', 'targeted', '--from-class', '8', '--to-class', 'eight'], /"eight" is no class/],
    [['--from-class', '8'], /belongs to a targeted attack/],
    [['--epsilon', '0.1'], /--epsilon belongs to a clean-label/],
    [['--method', 'gd'], /moves no poison/],
    [['--epochs', '3'], /--upper-steps/],
    [['--victims', 'forest'], /"forest", which is no model/],
    [['--count', '0'], /--count/],
    [['--count', '100000'], /too many/],
    [['--budgets', '5,x'], /--budgets is "x"/]
  ] as const)('%j ends with code 2 and one line, and leaves nothing', async ([more, sentence]) => {
    const { code, stdout, stderr } = await bilevelHere(poison('refused', ...more))
    expect(stderr).toMatch(sentence)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(existsSync(path.join(dir, 'refused'))).toBe(false)
  })
})
