import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { corruptLabels, writeArrays } from '@main/datasets'
import { Random } from '@shared/numerics/random'
import { report as reportSchema } from '@shared/domain/report'
import type { DenoisingMetrics } from '@shared/domain/denoising-metrics'
import { bilevel, temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const CLASSES = 3
const WIDTH = 4

/** Gaussian classes with unlike scales, and a column that holds one value. */
function table(count: number, seed: number, classes: number): { features: Float32Array; labels: Int32Array } {
  const random = Random.derive(seed, 'table')
  const labels = Int32Array.from({ length: count }, () => random.below(classes))
  const features = new Float32Array(count * WIDTH)
  labels.forEach((label, row) => {
    for (let j = 0; j < CLASSES; j++) {
      features[row * WIDTH + j] = 1000 ** j * ((j === label ? 3 : 0) + random.normal())
    }
    features[row * WIDTH + CLASSES] = 7
  })
  return { features, labels }
}

/** @param classes that its examples are of, all where left out */
async function write(
  name: string,
  count: number,
  seed: number,
  noise = 0,
  classes = CLASSES
): Promise<string> {
  const file = path.join(dir, name)
  const { features, labels } = table(count, seed, classes)
  const given = noise > 0 ? corruptLabels(labels, { noise, pattern: 'uniform', seed }) : labels
  await writeArrays(file, {
    x: { shape: [count, WIDTH], values: features },
    y: { shape: [count], values: given },
    ...(noise > 0 ? { true_y: { shape: [count], values: labels } } : {})
  })
  return file
}

interface Ran {
  readonly metrics: DenoisingMetrics
  readonly issues: string
  readonly advice: readonly string[]
}

describe('denoising a table', () => {
  const first: { ran?: Ran } = {}
  let files: string[]

  async function denoise(out: string, more: readonly string[] = [], known?: string): Promise<Ran> {
    const [train, trusted, tested] = files as [string, string, string]
    const { code, stdout, stderr } = await bilevel([
      ...['denoise', '--train', train, '--trusted', known ?? trusted, '--test', tested],
      ...['--model', 'logistic', ...more],
      ...['--out', path.join(dir, out), '--workspace', path.join(dir, 'workspace'), '--json', '--quiet']
    ])
    expect(code, stderr).toBe(0)
    const report = reportSchema.parse(JSON.parse(stdout))
    if (report.task !== 'denoising') throw new Error(report.task)
    const issues = readFileSync(path.join(dir, out, 'issues.csv'), 'utf8')
    return { metrics: report.metrics, issues, advice: report.advice }
  }

  beforeAll(async () => {
    files = [
      await write('train.npz', 400, 1, 0.2),
      await write('trusted.npz', 30, 2),
      await write('test.npz', 300, 3)
    ]
    first.ran = await denoise('first')
  })

  test('finds the wrong labels whatever the scales, and the weights keep what was known', () => {
    const { evidence, flagged, testAccuracy } = first.ran!.metrics
    expect(evidence!['combined']!.auroc).toBeGreaterThan(0.95)
    expect(evidence!['combined']!.f1).toBeGreaterThan(0.85)
    expect(evidence!['weight']!.auroc).toBeGreaterThan(evidence!['combined']!.auroc - 0.01)
    expect(Math.abs(flagged - 80)).toBeLessThan(20)
    expect(testAccuracy.cleaned!).toBeGreaterThanOrEqual(testAccuracy.noisy! - 0.01)
    expect(testAccuracy.cleaned!).toBeGreaterThan(0.9)
  })

  test('says how many are wrong with intervals that hold, and how many planted errors it finds', () => {
    const { expected, planted, detection, flagged } = first.ran!.metrics
    const found = Math.round(detection!.precision * flagged)
    expect(found).toBeGreaterThanOrEqual(expected!.flagged.low)
    expect(found).toBeLessThanOrEqual(expected!.flagged.high)
    expect(80 - found).toBeLessThanOrEqual(expected!.kept.high)
    expect(planted!.planted).toBe(30 * (CLASSES - 1))
    expect(planted!.found).toBeGreaterThan(0.8 * planted!.planted)
  })

  test('says that a column is left out, and compares classifiers by the trusted examples', () => {
    const { advice, metrics } = first.ran!
    expect(advice.join(' ')).toContain('1 column holds the same value in every example and is left out.')
    expect(metrics.recommendation.reason).toContain('Cross-validated over your 30 trusted examples')
    expect(Object.keys(metrics.heldBackAccuracy).sort()).toEqual(['cleaned', 'noisy', 'trustedOnly'])
  })

  test('its own classifier starts where all labels lead that are believed, not where the trusted ones alone do', async () => {
    const few = await write('few.npz', 6, 5)
    const still = ['--epochs', '1', '--lr-lower', '1e-9']
    const { bilevel: own, trustedOnly } = (await denoise('still', still, few)).metrics.testAccuracy
    expect(own!).toBeGreaterThan(trustedOnly! + 0.05)
  })

  test('a class without a trusted example is judged all the same, and what that costs is said', async () => {
    const some = await write('some.npz', 60, 6, 0, CLASSES - 1)
    for (const model of ['logistic', 'mlp']) {
      const { metrics, advice, issues } = await denoise(`some-${model}`, ['--model', model], some)
      expect(advice.join(' ')).toContain('1 of 3 classes has no trusted example: "2". Their labels')
      expect(metrics.evidence!['combined']!.auroc).toBeGreaterThan(0.95)
      expect(metrics.evidence!['weight']!.auroc).toBeGreaterThan(0.9)
      const outside = issues.split('\n').filter((line) => line.split(',')[1] === '2')
      const flagged = outside.filter((line) => line.split(',')[3] === 'True')
      expect(outside.length - flagged.length).toBeGreaterThan(80)
      // The trusted examples speak of two classes; the classifiers know all three.
      expect(metrics.testAccuracy.trustedOnly!).toBeLessThan(0.75)
      expect(metrics.testAccuracy.bilevel!).toBeGreaterThan(0.88)
      expect(metrics.recommendation.classifier).not.toBe('trustedOnly')
    }
  })

  test('trusted examples of a single class teach nothing, and are refused with what helps', async () => {
    const one = await write('one.npz', 20, 6, 0, 1)
    const [train] = files as [string]
    const out = path.join(dir, 'one')
    const { code, stderr } = await bilevel(['denoise', '--train', train, '--trusted', one, '--out', out])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /has examples of "0" alone\. Mark trusted examples of two classes at least.*--no-trusted/
    )
  })

  test('the same seed gives the same numbers', async () => {
    const again = await denoise('again')
    expect(again.issues).toBe(first.ran!.issues)
    expect(again.metrics).toEqual(first.ran!.metrics)
  })
})

describe('a first look at a table, without trusted examples', () => {
  const run = async (more: readonly string[]): Promise<Awaited<ReturnType<typeof bilevel>>> => {
    const train = await write('looked-at.npz', 400, 1, 0.2)
    const { length: known } = more
    return bilevel([
      ...['denoise', '--train', train, '--model', 'logistic', '--out', path.join(dir, `look-${known}`)],
      ...['--workspace', path.join(dir, 'workspace'), '--json', '--quiet', ...more]
    ])
  }

  test('is asked for: one that names no trusted examples is refused as ever', async () => {
    const { code, stderr } = await run([])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'bilevel: --trusted is missing. Give --trusted, or --no-trusted to go without; see --help.\n'
    )
  })

  test('ranks and flags by classifiers that have not seen the labels, and says what trusted examples would add', async () => {
    const { code, stdout, stderr } = await run(['--no-trusted'])
    expect(code, stderr).toBe(0)
    const report = reportSchema.parse(JSON.parse(stdout))
    if (report.task !== 'denoising') throw new Error(report.task)
    const { metrics, spec, data, advice } = report
    expect(spec).toMatchObject({ trusted: false })
    expect(data['trusted']).toBe(0)
    expect(metrics.evidence!['combined']!.auroc).toBeGreaterThan(0.95)
    expect(metrics.evidence!['combined']!.f1).toBeGreaterThan(0.8)
    expect(Object.keys(metrics.evidence!)).toEqual(['weight', 'crossValidated', 'combined'])
    expect(metrics.planted).toBeUndefined()
    const { all } = metrics.expected!
    expect(all.low).toBeLessThan(80)
    expect(all.high).toBeGreaterThan(80)
    expect(advice.join(' ')).toContain('A first look without trusted examples')
    const [columns] = readFileSync(path.join(dir, 'look-1', 'issues.csv'), 'utf8').split('\n')
    expect(columns).toBe(
      'index,given_label,predicted_label,is_label_issue,label_score,combined_score,cross_validated_score,true_label'
    )
  })

  test('asks for the most telling labels, and runs again with what was judged', async () => {
    const common = ['--workspace', path.join(dir, 'workspace')]
    const [run] = JSON.parse((await bilevel(['runs', 'list', '--json', ...common])).stdout) as {
      id: string
    }[]
    const file = path.join(dir, 'judged.csv')
    const asked = await bilevel(['runs', 'ask', run!.id, '--count', '6', '--to', file, '--json', ...common])
    expect(asked.code, asked.stderr).toBe(0)
    const rows = (JSON.parse(asked.stdout) as { index: number; given_label: string }[]).map(
      ({ index }) => index
    )
    expect(new Set(rows).size).toBe(6)
    const truth = table(400, 1, CLASSES).labels
    writeFileSync(file, ['index,label', ...rows.map((row) => `${row},${truth[row]!}`)].join('\n'))
    const out = path.join(dir, 'judged')
    const again = await bilevel([
      'runs',
      'again',
      run!.id,
      '--judged',
      file,
      '--out',
      out,
      '--quiet',
      ...common
    ])
    expect(again.code, again.stderr).toBe(0)
    const lines = readFileSync(path.join(out, 'issues.csv'), 'utf8').split('\n')
    for (const row of rows) {
      // Right now, and no longer in doubt.
      expect(lines[row + 1]).toMatch(new RegExp(`^${row},${truth[row]!},${truth[row]!},False,1,1,`))
    }
  })
})
