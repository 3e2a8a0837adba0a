// The poisoning tables of docs/experiments.md: node bench/poisoning.mjs <table> [seeds]
// Tables: untargeted, targeted, slices, targeted-slices, budgets, models, defence. Of slices the second word is how many,
// each with other images and another seed; none was looked at when settings were chosen. Data: MNIST in BILEVEL_TEST_DATA (default
// ../shared/data), 1,000 train, 1,000 validation, 8,000 test, 60 poisons, as in the paper. Prints Markdown; every
// number comes from report.json of a run made here, whose victims were retrained on the exported files.
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

const eightToThree = ['--attack', 'targeted', '--from-class', '8', '--to-class', '3']
const mlp = ['--model', 'mlp', '--hidden-sizes', '64']
const of = (...names) => names.map((name) => ({ label: name, options: ['--method', name] }))

const TABLES = {
  untargeted: of('penalty', 'approx-grad', 'rmd', 'value-function'),
  targeted: [
    ...of('penalty', 'approx-grad'),
    { label: 'penalty, the paper’s f (--spare-others 0)', options: ['--spare-others', '0'] }
  ].map(({ label, options }) => ({ label, options: [...eightToThree, ...options] })),
  slices: of('penalty', 'approx-grad', 'rmd'),
  'targeted-slices': of('penalty', 'approx-grad').map(({ label, options }) => ({
    label,
    options: [...eightToThree, ...options]
  })),
  budgets: [{ label: 'untargeted', options: ['--budgets', '5,10,20,40,60'] }],
  models: [
    {
      label: 'logistic attacked, tried on mlp',
      options: ['--method', 'approx-grad', '--victims', 'mlp', '--hidden-sizes', '64']
    },
    {
      label: 'mlp 64 attacked, tried on logistic',
      options: ['--method', 'approx-grad', '--victims', 'logistic', ...mlp]
    },
    { label: 'mlp 64 attacked with penalty', options: mlp },
    {
      label: 'mlp 64, 8 to 3, tried on logistic',
      options: [...eightToThree, '--method', 'approx-grad', '--victims', 'logistic', ...mlp]
    }
  ],
  defence: [
    { label: 'untargeted', options: ['--defend'] },
    { label: 'targeted 8 to 3', options: [...eightToThree, '--defend'] }
  ]
}

const table = TABLES[process.argv[2]]
if (!table) {
  console.error(`Usage: node bench/poisoning.mjs <${Object.keys(TABLES).join('|')}> [seeds]`)
  process.exit(2)
}
const ofSlices = process.argv[2].endsWith('slices')
const seeds = Number(process.argv[3] ?? 1)

/** Where slices of 1,000 images to train on and 1,000 to validate on begin in MNIST's training set. */
const SLICES = [32, 34, 36, 38, 42, 44, 46, 48, 50, 52].map((thousands) => 1000 * thousands)

function dataOf(seed) {
  const from = ofSlices ? SLICES[seed % SLICES.length] : 0
  return [
    ...['--train', `${mnist}#train[${from}:${from + 1000}]`],
    ...['--validation', `${mnist}#train[${from + 1000}:${from + 2000}]`],
    ...['--test', `${mnist}#test[${ofSlices ? '2000:10000' : '0:8000'}]`]
  ]
}
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))

const percent = (rate) => (rate === null || rate === undefined ? '-' : (100 * rate).toFixed(1))
const mean = (values) => values.reduce((sum, value) => sum + value / values.length, 0)
const deviation = (values) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1))
const withInterval = (estimate) =>
  estimate ? `${percent(estimate.rate)} (${percent(estimate.low)} to ${percent(estimate.high)})` : '-'

/** The rows that one report gives. */
const PRINT = {
  damage: (label, seed, { metrics, timing }) => {
    const name = metrics.successRate ? 'successRate' : 'testAccuracy'
    const { clean, labelFlip } = metrics[name]
    const others = metrics.otherAccuracy
    return [
      [
        label,
        seed,
        percent(clean),
        percent(labelFlip),
        withInterval(metrics.intervals[name].poisoned),
        others ? `${percent(others.clean)} to ${percent(others.poisoned)}` : '-',
        metrics.bestStep,
        timing.seconds.toFixed(0)
      ]
    ]
  },
  budgets: (label, seed, { metrics }) =>
    metrics.budgetCurve.map(({ count, testAccuracy, intervals }) => [
      count,
      seed,
      percent(testAccuracy.labelFlip),
      withInterval(intervals.testAccuracy.poisoned)
    ]),
  models: (label, seed, report) => [
    ...PRINT.damage(label, seed, report),
    ...report.metrics.transfer.flatMap((found) =>
      PRINT.damage(`… the same files, ${found.model}`, seed, {
        metrics: { ...found, bestStep: '' },
        timing: report.timing
      })
    )
  ],
  defence: (label, seed, { metrics: { defence, ...metrics } }) => {
    const name = metrics.successRate ? 'successRate' : 'testAccuracy'
    return [
      [
        label,
        seed,
        `${defence.caught} of ${defence.poisons}`,
        `${defence.cleanFlagged} (${percent(defence.cleanShare)} %)`,
        defence.auroc.toFixed(3),
        percent(metrics[name].clean),
        percent(metrics[name].poisoned),
        percent(defence.victimAfter[name].poisoned)
      ]
    ]
  }
}
const DAMAGE = [
  'run',
  'seed',
  'clean',
  'label flips',
  'poisoned (95 %)',
  'other classes, clean to poisoned',
  'best step',
  's'
]
const HEADERS = {
  damage: DAMAGE,
  models: DAMAGE,
  budgets: ['poisons', 'seed', 'label flips', 'poisoned (95 %)'],
  defence: [
    'attack',
    'seed',
    'poisons caught',
    'clean examples flagged',
    'AUROC',
    'clean',
    'poisoned',
    'after the defence'
  ]
}

const kind = process.argv[2] in PRINT ? process.argv[2] : 'damage'
/** Of each run over slices. */
const results = new Map(table.map(({ label }) => [label, []]))
const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
line(HEADERS[kind])
line(HEADERS[kind].map(() => '---'))
try {
  for (const [i, { label, options }] of table.entries()) {
    for (let seed = 0; seed < seeds; seed++) {
      const out = path.join(scratch, `out-${i}-${seed}`)
      await run(
        process.execPath,
        [
          ...[
            bin,
            'poison',
            ...dataOf(seed),
            '--count',
            '60',
            ...options,
            '--seed',
            String(seed),
            '--out',
            out
          ],
          ...['--quiet', '--workspace', path.join(scratch, 'workspace')]
        ],
        { maxBuffer: 1 << 26 }
      )
      const report = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
      PRINT[kind](label, seed, report).forEach(line)
      if (ofSlices) results.get(label).push(report)
      rmSync(out, { recursive: true })
    }
  }
  for (const [label, reports] of results) {
    if (reports.length < 2) continue
    const rates = reports.map(({ metrics }) => (metrics.successRate ?? metrics.testAccuracy).poisoned)
    const seconds = mean(reports.map(({ timing }) => timing.seconds))
    console.log(
      `${label}: ${percent(mean(rates))} on the mean, standard deviation over slices ${percent(deviation(rates))}, ${seconds.toFixed(0)} s`
    )
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
