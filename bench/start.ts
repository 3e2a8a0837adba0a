/**
 * From the start of the command to its first step on u with its T steps on v: npm run bench -- start [rounds] [words of
 * a case]. Milliseconds by the clock and of the processor, medians; on a busy machine the processor's bear company.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { quantile } from './quantile'

interface Mark {
  readonly pid: number
  readonly what: string
  readonly at: number
  readonly cpu: number
  readonly memory: number
}

const COMMAND = path.join(import.meta.dirname, '../bin/bilevel.mjs')
const MARKS = pathToFileURL(path.join(import.meta.dirname, 'start-marks.mjs')).href

/** Without evidence and with hardly any training before: the engine's own start. */
const AT_ONCE = ['--cross-validation', '0', '--pretrain-epochs', '1', '--epochs', '1']
const CASES: Readonly<Record<string, readonly string[]>> = {
  'logistic, native': ['--model', 'logistic', '--backend', 'native', ...AT_ONCE],
  'mlp, native': ['--model', 'mlp', '--backend', 'native', ...AT_ONCE],
  'logistic, WebAssembly': ['--model', 'logistic', '--backend', 'wasm', ...AT_ONCE],
  'logistic with evidence, native': ['--model', 'logistic', '--backend', 'native']
}

interface Reached {
  readonly what: string
  readonly clock: number
  readonly processor: number
  readonly mebibytes: number
}

function start(folder: string, round: string, options: readonly string[]): Reached[] {
  const marksFile = path.join(folder, `marks-${round}`)
  const began = Date.now()
  execFileSync(
    process.execPath,
    [COMMAND, 'denoise', '--train', path.join(folder, 'noisy'), '--trusted', 'sample-digits#train[500:600]']
      .concat(options)
      .concat([
        '--out',
        path.join(folder, `out-${round}`),
        '--quiet',
        '--workspace',
        path.join(folder, 'ws')
      ]),
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: `--import ${MARKS}`, BILEVEL_BENCH_MARKS: marksFile }
    }
  )
  const marks = readFileSync(marksFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Mark)
  const owner = marks[0]!.pid
  const forked = marks.find(({ what }) => what === 'forks')!
  const reached = (what: string, mark: Mark, before = 0): Reached => ({
    what,
    clock: mark.at - began,
    processor: before + mark.cpu,
    mebibytes: mark.memory / 1024 / 1024
  })
  const ofWorker = marks.filter(({ pid }) => pid !== owner)
  const inWorker = (what: string): Mark => ofWorker.find((mark) => mark.what === what)!
  // What the command line does after its fork is done beside the training process.
  return [
    reached('the command line begins', marks[0]!),
    reached('it starts the training process', forked),
    reached('that begins', inWorker('booted'), forked.cpu),
    reached('it has checked the data', inWorker('valid'), forked.cpu),
    reached('the engine is loaded', inWorker('ready'), forked.cpu),
    reached('the first step is done', inWorker('first step'), forked.cpu)
  ]
}

const [count, ...words] = process.argv.slice(2)
const rounds = Number(count ?? 5)
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-start-'))
try {
  execFileSync(process.execPath, [
    ...[COMMAND, 'corrupt', 'sample-digits#train[0:484]', '--noise', '0.2', '--quiet'],
    ...['--out', path.join(folder, 'noisy'), '--workspace', path.join(folder, 'ws')]
  ])
  for (const [name, options] of Object.entries(CASES).filter(([each]) =>
    words.every((word) => each.includes(word))
  )) {
    const all = Array.from({ length: rounds }, (_, round) =>
      start(folder, `${name.replaceAll(/\W/g, '')}-${round}`, options)
    )
    console.log(`\n### ${name}\n\n| until | clock, ms | processor, ms | memory, MiB |\n|---|---|---|---|`)
    all[0]!.forEach(({ what }, i) => {
      const median = (value: (reached: Reached) => number): string =>
        quantile(
          all.map((one) => value(one[i]!)),
          0.5
        ).toFixed(0)
      console.log(
        `| ${what} | ${median(({ clock }) => clock)} | ${median(({ processor }) => processor)} | ${median(({ mebibytes }) => mebibytes)} |`
      )
    })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
