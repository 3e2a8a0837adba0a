// The clean-label tables of docs/experiments.md: node bench/clean-label.mjs <table> [seed] [part of a row's name]
// Tables: budget, bounds, pixels, victims, methods, transfer. Data: cifar10-dog-frog in BILEVEL_TEST_DATA (default
// ../shared/data). Prints Markdown, row by row; every number comes from report.json of a run made here. A strip of the
// first hit (base, poison, difference times 10, target) of some rows becomes a picture in docs/.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bin = path.resolve(import.meta.dirname, '../bin/bilevel.mjs')
const zip = path.resolve(process.env.BILEVEL_TEST_DATA ?? '../shared/data', 'cifar10-dog-frog/dog-frog.zip')
if (!existsSync(zip)) {
  console.error(`There is no ${zip}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}
// 900 + 900 training and 300 + 300 test images, as in the paper.
const train = `${zip}#train[0:900]+${zip}#train[2500:3400]`
const validation = `${zip}#test[0:300]+${zip}#test[1000:1300]`

const docs = path.resolve(import.meta.dirname, '../docs')
const row = (label, options, targets = 50, picture) => ({ label, options, targets, picture })
const TABLES = {
  budget: [
    row('1 poison (0.06 %)', [], 50, 'clean-label.png'),
    row('1 % poisons (18 a target)', ['--count', '18']),
    row('1 poison, 8/255', ['--epsilon', '0.0314'])
  ],
  bounds: [
    row('Linf 4/255', ['--epsilon', '0.0157'], 20),
    row('Linf 8/255', ['--epsilon', '0.0314'], 20),
    row('Linf 16/255', [], 20),
    row('L2 1', ['--epsilon-l2', '1'], 20),
    row('Linf 0.3', ['--epsilon', '0.3'], 20),
    row('none', ['--epsilon', '1'], 20)
  ],
  pixels: [
    row('pixels, Linf 16/255', ['--features', 'pixels'], 20),
    row('pixels, Linf 0.3', ['--features', 'pixels', '--epsilon', '0.3'], 20),
    row('pixels, no bound', ['--features', 'pixels', '--epsilon', '1'], 20, 'clean-label-no-bound.png')
  ],
  victims: ['1e-6', '1e-5', '1e-4', '1e-3', '1e-2'].map((l2) => row(`l2 ${l2}`, ['--l2', l2], 20)),
  methods: ['penalty', 'approx-grad', 'rmd', 'gd', 'value-function'].map((method) =>
    row(method, ['--method', method], 20)
  ),
  transfer: [row('1 poison', ['--victims', 'features,cifar-cnn'])]
}

const [name, seed = '0', only = ''] = process.argv.slice(2)
if (!TABLES[name]) {
  console.error(`Take one of ${Object.keys(TABLES).join(', ')}.`)
  process.exit(2)
}
const dir = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
const percent = (value) => `${(100 * value).toFixed(0)} %`
const interval = ([low, high]) => `${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)} %`
try {
  console.log(
    '| run | hit | duplicate hits | net (95 % interval) | replaced | Linf mean, max (/255) | L2 mean, max | feature distance | became the target | victim fits | accuracy clean, poisoned | s |'
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [index, { label, options, targets, picture }] of TABLES[name].entries()) {
    if (!label.includes(only)) continue
    const out = path.join(dir, String(index))
    const common = ['--targets', String(targets), '--seed', seed, '--out', out, '--json', '--quiet']
    const data = ['--train', train, '--validation', validation, '--workspace', path.join(dir, 'workspace')]
    await run(process.execPath, [bin, 'poison', '--attack', 'clean-label', ...data, ...common, ...options])
    const { metrics, timing } = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
    const { linf, l2 } = metrics.perturbation
    const cells = [
      label,
      `${metrics.successes} of ${metrics.targets}`,
      metrics.duplicate.successes,
      `${percent(metrics.netSuccessRate)} (${interval(metrics.netInterval)})`,
      metrics.replaced.successes,
      `${(255 * linf.mean).toFixed(1)}, ${(255 * linf.max).toFixed(1)}`,
      `${l2.mean.toFixed(2)}, ${l2.max.toFixed(2)}`,
      `${metrics.featureDistance.before.toFixed(2)} -> ${metrics.featureDistance.after.toFixed(3)}`,
      metrics.becameTarget,
      `${(100 * metrics.trainAccuracy).toFixed(1)} %`,
      `${(100 * metrics.testAccuracy.clean).toFixed(1)}, ${(100 * metrics.testAccuracy.poisoned).toFixed(1)}`,
      timing.seconds.toFixed(0)
    ]
    console.log(`| ${cells.join(' | ')} |`)
    const hit = metrics.trials.findIndex(({ success, duplicateSuccess }) => success && !duplicateSuccess)
    if (picture && hit >= 0) copyFileSync(path.join(out, 'strips', `${hit}.png`), path.join(docs, picture))
    for (const { victim, successes, duplicateSuccesses, targets: of } of metrics.transfer ?? []) {
      console.log(`transfer to ${victim}: ${successes} of ${of} (duplicates ${duplicateSuccesses})`)
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
