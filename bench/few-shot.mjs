// The few-shot tables of docs/experiments.md: node bench/few-shot.mjs <table> [seeds] [more options of the command]
// Tables: shots, methods, starts. Data: Omniglot's images_background_small1.zip in BILEVEL_TEST_DATA/omniglot (default
// ../shared/data): three alphabets (70 characters) to learn from, two others (66 characters) to test on. Prints
// Markdown; every number comes from report.json of a run made here.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bin = path.resolve(import.meta.dirname, '../bin/bilevel.mjs')
const folder = path.resolve(process.env.BILEVEL_TEST_DATA ?? '../shared/data', 'omniglot')
const zip = path.join(folder, 'images_background_small1.zip')
if (!existsSync(zip)) {
  console.error(`There is no ${zip}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}
// Twenty drawings a character: Balinese, Early Aramaic and Greek, then Korean and Latin.
const train = `${zip}[0:1400]`
const test = `${zip}[1400:2720]`

const row = (label, ways, shots, options = []) => ({
  label,
  options: ['--ways', String(ways), '--shots', String(shots), ...options]
})
const TABLES = {
  shots: [row('5-way 1-shot', 5, 1), row('5-way 5-shot', 5, 5)],
  methods: ['penalty', 'approx-grad', 'rmd', 'gd', 'value-function'].map((method) =>
    row(`5-way 1-shot, ${method}`, 5, 1, ['--method', method])
  ),
  starts: ['pretrained', 'random'].map((start) =>
    row(`5-way 1-shot, from ${start}`, 5, 1, ['--start', start])
  )
}

const [name, seeds = '1', ...more] = process.argv.slice(2)
if (!TABLES[name]) {
  console.error(`Usage: node bench/few-shot.mjs <${Object.keys(TABLES).join('|')}> [seeds] [options]`)
  process.exit(2)
}
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
const rate = (value) => (100 * value).toFixed(2)
const estimate = ({ mean, interval: [low, high] }) => `${rate(mean)} (${rate(low)} to ${rate(high)})`
const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
const header = [
  ...['run', 'seed', 'bilevel network (95 %)', 'random features', 'pretrained features'],
  ...['gain over pretrained', 'tasks', 'best step', 's']
]
line(header)
line(header.map(() => '---'))
try {
  for (const [i, { label, options }] of TABLES[name].entries()) {
    for (let seed = 0; seed < Number(seeds); seed++) {
      const out = path.join(scratch, `${i}-${seed}`)
      const data = ['--train', train, '--test', test, '--workspace', path.join(scratch, 'workspace')]
      const common = ['--seed', String(seed), '--out', out, '--quiet']
      await run(process.execPath, [bin, 'few-shot', ...data, ...options, ...common, ...more], {
        maxBuffer: 1 << 26
      })
      const { metrics, timing } = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
      const { accuracy, baselines, gain } = metrics
      line([
        ...[label, seed, estimate(accuracy), estimate(baselines.random), estimate(baselines.pretrained)],
        ...[estimate(gain.overPretrained), accuracy.tasks, metrics.bestStep, timing.seconds.toFixed(0)]
      ])
      rmSync(out, { recursive: true })
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
