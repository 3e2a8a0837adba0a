// The synthetic tables of docs/experiments.md: node bench/synthetic.mjs [T,T,...] [seed] [more options of the command]
// Prints Markdown from the report.json of each run made here; T = 10 with seed 0 and the defaults also leaves its
// picture in docs/synthetic.svg.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '..')
const [steps = '1,5,10,20', seed = '0', ...more] = process.argv.slice(2)
const scratch = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))

const rows = []
let methods = []
try {
  for (const T of steps.split(',')) {
    const out = path.join(scratch, `T${T}`)
    const args = ['synthetic', '--lower-steps', T, '--seed', seed, '--out', out, '--quiet', ...more]
    await run(process.execPath, [
      path.join(root, 'bin/bilevel.mjs'),
      ...args,
      '--workspace',
      path.join(scratch, 'workspace')
    ])
    const report = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
    for (const [problem, of] of Object.entries(report.metrics.problems)) {
      methods = [...new Set([...methods, ...Object.keys(of)])]
      rows.push({ T, problem, of })
    }
    if (T === '10' && seed === '0' && more.length === 0)
      copyFileSync(path.join(out, 'picture.svg'), path.join(root, 'docs/synthetic.svg'))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

print(
  'Distance to the solution (mean over the trials)',
  ({ error, diverged }) => (diverged ? 'diverged' : short(error.mean)),
  rows
)
print(
  'Distance to the optimistic solutions',
  ({ optimisticError }) => short(optimisticError),
  rows.filter(({ T }) => T === '10')
)
print(
  'Milliseconds a step on u',
  ({ secondsPerStep }) => (1000 * secondsPerStep).toFixed(1),
  rows.filter(({ problem }) => problem === 'sum-singular')
)
print(
  "KiB of tensors at a step's fullest",
  ({ tensorBytes }) => (tensorBytes / 1024).toFixed(0),
  rows.filter(({ problem }) => problem === 'sum-singular')
)

function print(title, cell, chosen) {
  if (chosen.length === 0) return
  console.log(`\n${title}\n`)
  console.log(`| problem | T | ${methods.join(' | ')} |`)
  console.log(`|---|---|${methods.map(() => '---').join('|')}|`)
  for (const { problem, T, of } of chosen) {
    const cells = methods.map((method) => (of[method] ? cell(of[method]) : '-'))
    console.log(`| ${problem} | ${T} | ${cells.join(' | ')} |`)
  }
}

function short(value) {
  return value !== 0 && value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)))
}
