// The denoising tables of docs/experiments.md: node bench/denoising.mjs <table> [seeds] [part of a
// row's name: only those]
// Tables: noise, few-trusted, moments, held-back, authors, backends, race, combined. Data: MNIST in BILEVEL_TEST_DATA
// (default ../shared/data). Prints Markdown; every number comes from report.json of a run made here.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bin = path.resolve(import.meta.dirname, '../bin/bilevel.mjs')
const mnist = path.resolve(process.env.BILEVEL_TEST_DATA ?? '../shared/data', 'mnist')
if (!existsSync(mnist)) {
  console.error(`There is no MNIST at ${mnist}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}

const logistic = { train: 5000, trusted: 5000, options: ['--model', 'logistic'] }
const mlp = { train: 10000, trusted: 1000, options: ['--model', 'mlp'] }
const name = (base) => `${base.options[1]} ${base.train}/${base.trusted}`
const noises = [0.1, 0.25, 0.5, 0.75]
const METHODS = ['penalty', 'approx-grad', 'rmd', 'value-function', 'gd']

const TABLES = {
  noise: [logistic, mlp].flatMap((base) =>
    noises.map((noise) => ({ ...base, noise, label: `${name(base)}, ${percent(noise)}` }))
  ),
  'few-trusted': [
    { ...logistic, trusted: 300 },
    { ...mlp, train: 5000, trusted: 300 }
  ].flatMap((base) => noises.map((noise) => ({ ...base, noise, label: `${name(base)}, ${percent(noise)}` }))),
  moments: [logistic, mlp].flatMap((base) =>
    [[], ['--no-moments-per-example']].map((extra) => ({
      ...base,
      noise: 0.5,
      label: `${name(base)}, moments of the ${extra.length ? 'place in the batch' : 'example'}`,
      options: [...base.options, ...extra]
    }))
  ),
  'held-back': [0, 0.2].map((share) => ({
    ...mlp,
    noise: 0.5,
    label: share ? 'best epoch by held-back loss' : 'last epoch',
    options: [...mlp.options, '--held-back', String(share), '--epochs', '20']
  })),
  authors: [
    { ...logistic, noise: 0.5, label: 'defaults' },
    {
      ...logistic,
      noise: 0.5,
      label: "the authors' settings, 20 epochs",
      options: [
        ...logistic.options,
        ...'--batch-size 200 --lr-upper 3 --lr-lower 1e-4 --gamma 0.01 --lambda 0.01 --epsilon-0 0.01 --nu 1e-4 --lr-decay 0.9 --lower-steps 20 --epochs 20'.split(
          ' '
        )
      ]
    }
  ],
  backends: ['native', 'wasm'].map((backend) => ({
    train: 1000,
    trusted: 300,
    noise: 0.5,
    label: backend,
    options: ['--model', 'mlp', '--backend', backend]
  })),
  race: ['logistic', 'mlp'].flatMap((model) =>
    METHODS.map((method) => ({
      train: 5000,
      trusted: 5000,
      noise: 0.5,
      label: `${model}, ${method}`,
      // Cross-validated confidence is the same for every method.
      options: ['--model', model, '--method', method, '--cross-validation', '0']
    }))
  ),
  combined: [logistic, mlp, { ...mlp, train: 5000, trusted: 100 }].flatMap((base) =>
    [0.25, 0.5, 0.75].map((noise) => ({ ...base, noise, label: `${name(base)}, ${percent(noise)}` }))
  )
}

const table = TABLES[process.argv[2]]
if (!table) {
  console.error(
    `Usage: node bench/denoising.mjs <${Object.keys(TABLES).join('|')}> [seeds] [part of a row's name]`
  )
  process.exit(2)
}
const seeds = Number(process.argv[3] ?? 1)
const only = process.argv[4] ?? ''
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
const bilevel = (...args) =>
  run(process.execPath, [bin, ...args, '--workspace', path.join(scratch, 'workspace')], {
    maxBuffer: 1 << 26
  })

/** Numbers of a report by column. */
const accuracies = ({ metrics: { testAccuracy } }) => ({
  'trusted only': testAccuracy.trustedOnly,
  'as given': testAccuracy.noisy,
  own: testAccuracy.bilevel,
  cleaned: testAccuracy.cleaned
})
const COLUMNS = {
  evidence: (report) => {
    const { evidence, detection } = report.metrics
    return {
      'AUROC weight': evidence.weight.auroc,
      'AUROC trusted-only': evidence.trusted.auroc,
      'AUROC cross-validated': evidence.crossValidated?.auroc,
      'AUROC combined': evidence.combined.auroc,
      F1: detection.f1,
      ...accuracies(report)
    }
  },
  race: (report) => ({
    'AUROC weight': report.metrics.evidence.weight.auroc,
    'AUROC own classifier': report.metrics.evidence.bilevel.auroc,
    'AUROC combined': report.metrics.evidence.combined.auroc,
    'F1 combined': report.metrics.detection.f1,
    ...accuracies(report)
  }),
  combined: ({ metrics: { evidence } }) => {
    const { combined, ...single } = evidence
    const best = Math.max(...Object.values(single).map(({ auroc }) => auroc))
    return {
      'AUROC weight': single.weight.auroc,
      'own classifier': single.bilevel.auroc,
      'trusted-only': single.trusted.auroc,
      'cross-validated': single.crossValidated?.auroc,
      combined: combined.auroc,
      'combined less the best single': combined.auroc - best
    }
  }
}
const columnsOf = COLUMNS[process.argv[2]] ?? COLUMNS.evidence

const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
let headed = false
try {
  for (const [i, row] of table.entries()) {
    if (!row.label.includes(only)) continue
    const reports = []
    for (let seed = 0; seed < seeds; seed++) reports.push(await denoise(row, `${i}-${seed}`, seed))
    const columns = reports.map(columnsOf)
    const names = Object.keys(columns[0])
    if (!headed) {
      line(['run', ...names, 'taken', 's'])
      line(['run', ...names, 'taken', 's'].map(() => '---'))
      headed = true
    }
    line([
      row.label,
      ...names.map((each) => summary(columns.map((values) => values[each]))),
      [...new Set(reports.map(({ metrics }) => metrics.recommendation.classifier))].join(', '),
      Math.round(mean(reports.map(({ timing }) => timing.seconds)))
    ])
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function denoise({ train, trusted, noise, options }, id, seed) {
  const noisy = path.join(scratch, `noisy-${id}`)
  const out = path.join(scratch, `out-${id}`)
  await bilevel(
    'corrupt',
    `${mnist}#train[0:${train}]`,
    '--noise',
    String(noise),
    '--seed',
    String(seed),
    '--out',
    noisy
  )
  const trustedRef = `${mnist}#train[${train}:${train + trusted}]`
  const data = ['--train', noisy, '--trusted', trustedRef, '--test', `${mnist}#test`]
  await bilevel('denoise', ...data, ...options, '--seed', String(seed), '--out', out, '--quiet')
  const report = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
  rmSync(noisy, { recursive: true })
  rmSync(out, { recursive: true })
  return report
}

function summary(values) {
  if (values.some((value) => value === undefined || value === null)) return '-'
  const average = mean(values)
  if (values.length === 1) return average.toFixed(4)
  const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)))
  return `${average.toFixed(4)} ± ${deviation.toFixed(4)}`
}

function mean(values) {
  return values.reduce((total, value) => total + value, 0) / values.length
}

function percent(share) {
  return `${Math.round(100 * share)} %`
}
