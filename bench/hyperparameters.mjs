// The tuning table of docs/experiments.md: node bench/hyperparameters.mjs <table> [seeds]
// Tables: models, methods. Data: MNIST in BILEVEL_TEST_DATA (default ../shared/data), 1,000 train, 1,000 validation,
// 10,000 test. Prints Markdown; every number comes from report.json of a run made here.
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

const row = (model, granularity, ...more) => ({
  label: [`${model}, one a ${granularity}`, ...more].join(', '),
  options: ['--model', model, '--granularity', granularity, ...more]
})
const TABLES = {
  models: ['logistic', 'mlp'].flatMap((model) =>
    ['layer', 'feature', 'weight'].map((granularity) => row(model, granularity))
  ),
  methods: ['penalty', 'approx-grad', 'rmd', 'gd', 'value-function'].map((method) => ({
    label: `logistic, one a feature, ${method}`,
    options: ['--model', 'logistic', '--granularity', 'feature', '--method', method]
  }))
}

const [name, seeds = '1'] = process.argv.slice(2)
if (!TABLES[name]) {
  console.error(`Usage: node bench/hyperparameters.mjs <${Object.keys(TABLES).join('|')}> [seeds]`)
  process.exit(2)
}
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
const CONTENDERS = ['unregularised', 'grid', 'tuned']
const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
const header = [
  ...['run', 'seed', 'strengths'],
  ...CONTENDERS.map((each) => `${each}: validation loss, test accuracy`),
  's'
]
line(header)
line(header.map(() => '---'))
try {
  for (const [i, { label, options }] of TABLES[name].entries()) {
    for (let seed = 0; seed < Number(seeds); seed++) {
      const out = path.join(scratch, `${i}-${seed}`)
      const data = [
        ...['--train', `${mnist}#train[0:1000]`, '--validation', `${mnist}#train[1000:2000]`],
        ...['--test', `${mnist}#test`, '--workspace', path.join(scratch, 'workspace')]
      ]
      const common = ['--seed', String(seed), '--out', out, '--quiet']
      await run(process.execPath, [bin, 'hyperparameters', ...data, ...options, ...common], {
        maxBuffer: 1 << 26
      })
      const { metrics, timing } = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
      const cell = (each) =>
        metrics.validationLoss[each] === null
          ? '-'
          : `${metrics.validationLoss[each].toFixed(4)}, ${(100 * metrics.testAccuracy[each]).toFixed(2)}`
      line([label, seed, metrics.strengths.count, ...CONTENDERS.map(cell), timing.seconds.toFixed(0)])
      rmSync(out, { recursive: true })
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
