// The poisoning tables of docs/experiments.md: node bench/poisoning.mjs <table> [seeds]
// Tables: untargeted, targeted, budgets, models, defence. Data: MNIST in BILEVEL_TEST_DATA (default
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
const seeds = Number(process.argv[3] ?? 1)
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))

const percent = (rate) => (rate === null || rate === undefined ? '-' : (100 * rate).toFixed(1))
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
const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
line(HEADERS[kind])
line(HEADERS[kind].map(() => '---'))
try {
  for (const [i, { label, options }] of table.entries()) {
    for (let seed = 0; seed < seeds; seed++) {
      const out = path.join(scratch, `out-${i}-${seed}`)
      const data = [
        '--train',
        `${mnist}#train[0:1000]`,
        '--validation',
        `${mnist}#train[1000:2000]`,
        '--test',
        `${mnist}#test[0:8000]`
      ]
      await run(
        process.execPath,
        [
          ...[bin, 'poison', ...data, '--count', '60', ...options, '--seed', String(seed), '--out', out],
          ...['--quiet', '--workspace', path.join(scratch, 'workspace')]
        ],
        { maxBuffer: 1 << 26 }
      )
      PRINT[kind](label, seed, JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))).forEach(line)
      rmSync(out, { recursive: true })
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
