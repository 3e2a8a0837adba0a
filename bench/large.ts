// Finding wrong labels in many rows of features, the whole command beside the script that people write instead: npm run
// bench -- large [rows] [seed]. Rows of 512 numbers in 20 classes, a tenth of the labels wrong, 200 trusted. The script is
// cleanlab's out-of-fold logistic regression of bench/peers/label_errors.py, with the Python that BILEVEL_TEST_PYTHON names;
// left out beyond 200,000 rows, where it needs more memory than it is given. Linux, for its /proc. Prints Markdown.
import { spawn } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { npyHeader } from '@main/file-formats/npy'
import { Random } from '@shared/numerics/random'
import { familyOf, processTimes } from './processor-time'

const [rows = 100_000, seed = 1] = process.argv.slice(2).map(Number)
const WIDTH = 512
const CLASSES = 20
const TRUSTED = 200
const WRONG = 0.1
/** Of a class's centre, so that a linear classifier is nearly always right. */
const SPREAD = 0.22
const MOST_FOR_SCRIPT = 200_000
const BLOCK = 10_000
const PROJECT = path.resolve(import.meta.dirname, '..')
const python = process.env['BILEVEL_TEST_PYTHON']

interface Cost {
  /** Processor seconds of the process and all it has started. */
  readonly processor: number
  readonly seconds: number
  /** Largest resident memory of all of them at a time, bytes. */
  readonly memory: number
  readonly out: string
}

/** @returns which labels are wrong */
function writeSet(folder: string): Uint8Array {
  const random = Random.derive(seed, 'large')
  const centres = Float32Array.from({ length: CLASSES * WIDTH }, () => SPREAD * random.normal())
  const labels = new BigInt64Array(rows)
  const wrong = new Uint8Array(rows)
  const file = openSync(path.join(folder, 'x.npy'), 'w')
  writeSync(file, npyHeader('<f4', [rows, WIDTH]))
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from)
    const block = new Float32Array(count * WIDTH)
    for (let i = 0; i < count; i++) {
      const right = random.below(CLASSES)
      for (let j = 0; j < WIDTH; j++) block[i * WIDTH + j] = centres[right * WIDTH + j]! + random.normal()
      const isWrong = from + i >= TRUSTED && random.uniform() < WRONG
      wrong[from + i] = Number(isWrong)
      labels[from + i] = BigInt(isWrong ? (right + 1 + random.below(CLASSES - 1)) % CLASSES : right)
    }
    writeSync(file, Buffer.from(block.buffer))
  }
  closeSync(file)
  writeFileSync(
    path.join(folder, 'y.npy'),
    Buffer.concat([npyHeader('<i8', [rows]), Buffer.from(labels.buffer)])
  )
  return wrong
}

function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

async function costOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const began = performance.now()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env }
  })
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  const seconds = new Map<number, number>()
  let memory = 0
  const look = setInterval(() => {
    const family = familyOf(processTimes(), child.pid!)
    for (const one of family) seconds.set(one.pid, one.seconds)
    memory = Math.max(
      memory,
      family.reduce((sum, { pid }) => sum + residentBytes(pid), 0)
    )
  }, 100)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(look)
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`)
  const processor = [...seconds.values()].reduce((sum, one) => sum + one, 0)
  return { processor, seconds: (performance.now() - began) / 1000, memory, out }
}

function line(who: string, { processor, seconds, memory }: Cost, found: string): string {
  return `| ${who} | ${processor.toFixed(0)} | ${seconds.toFixed(0)} | ${(memory / 2 ** 20).toFixed(0)} | ${found} |`
}

/** Share of the wrong labels that are flagged, and of the flags that are right. */
function found(flagged: ArrayLike<number>, wrong: Uint8Array): string {
  let [both, all, right] = [0, 0, 0]
  for (let i = 0; i < wrong.length; i++) {
    all += Number(flagged[i] === 1)
    right += wrong[i]!
    both += Number(flagged[i] === 1 && wrong[i] === 1)
  }
  return `${((100 * both) / right).toFixed(1)} % | ${((100 * both) / all).toFixed(1)} %`
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
try {
  const set = path.join(folder, 'set')
  mkdirSync(set)
  const wrong = writeSet(set).subarray(TRUSTED)
  const out = path.join(folder, 'out')
  const workspace = ['--workspace', path.join(folder, 'workspace'), '--quiet']
  const bilevel = [path.join(PROJECT, 'bin/bilevel.mjs')]
  console.log(`${rows} rows of ${WIDTH} numbers, ${CLASSES} classes\n`)
  console.log('| | processor, s | wall, s | memory, MiB | wrong labels flagged | flags that are right |')
  console.log('|---|---|---|---|---|---|')
  const imported = await costOf(process.execPath, [...bilevel, 'datasets', 'import', set, ...workspace])
  console.log(line('the product: import', imported, '|'))
  const run = await costOf(process.execPath, [
    ...bilevel,
    ...['denoise', '--train', `set[${TRUSTED}:${rows}]`, '--trusted', `set[0:${TRUSTED}]`],
    ...['--out', out, '--seed', String(seed), ...workspace]
  ])
  const flags = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
  const column = flags[0]!.split(',').indexOf('is_label_issue')
  const flagged = flags.slice(1).map((text) => Number(text.split(',')[column] === 'True'))
  console.log(line('the product: `bilevel denoise`', run, found(flagged, wrong)))
  if (python === undefined || rows > MOST_FOR_SCRIPT) {
    console.error('The script is left out: too many rows, or BILEVEL_TEST_PYTHON names no Python.')
  } else {
    const script = [path.join(import.meta.dirname, 'peers/label_errors.py')]
    const part = async (name: string, from: number, to: number): Promise<string> => {
      const file = path.join(folder, `${name}.npz`)
      const cut = `import numpy as np;d=${JSON.stringify(set)};x=np.load(d+'/x.npy',mmap_mode='r');y=np.load(d+'/y.npy');np.savez(${JSON.stringify(file)},x=x[${from}:${to}],y=y[${from}:${to}])`
      await costOf(python, ['-c', cut])
      return file
    }
    const files = [await part('train', TRUSTED, rows), await part('trusted', 0, TRUSTED)]
    const peer = await costOf(python, [...script, ...files, String(seed), 'cleanlab, logistic'])
    const verdict = (JSON.parse(peer.out) as Record<string, { flagged: number[] }>)['cleanlab, logistic']!
    console.log(line('cleanlab, logistic, its strength chosen', peer, found(verdict.flagged, wrong)))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
