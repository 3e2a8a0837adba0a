// Penalty steps of the product and its peers, in turn: npm run bench -- step [case words] [--rounds n] [--wasm]
// [--one-core] [--peers names] [--tolerance x]. --one-core pins each to one core and takes processor time: on a machine that others use
// too, threads that wait for each other would tell more of the others than of the contestants (Linux).
// Peers: the Python in BILEVEL_PEERS_PYTHON (default python3) with bench/peers/requirements.txt; absent ones are
// told and left out; float64, if asked for, is compared with and not timed. With BILEVEL_BENCH_DEVICE=cuda they
// compute on the card, as the product does of itself; there
// NVIDIA_TF32_OVERRIDE=0 has everyone compute in float32, without it answers agree to --tolerance 0.1 only.
// Prints Markdown.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Contestant } from './contestant'
import {
  SETTINGS,
  STEP_CASES,
  CLASSES,
  checkedStepsOf,
  dataOf,
  lowerStepFlops,
  lowerStepsOf,
  networkOf,
  peerLayers
} from './step-cases'
import type { StepCase } from './step-cases'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    wasm: { type: 'boolean', default: false },
    'one-core': { type: 'boolean', default: false },
    peers: { type: 'string', default: 'pytorch,channels-last,jax,tensorflow' },
    // Largest deviation of an answer from the product's, relative in the 2-norm, at which it is the same work.
    tolerance: { type: 'string', default: '1e-3' }
  }
})
const python = process.env['BILEVEL_PEERS_PYTHON'] ?? 'python3'
const rounds = Number(values.rounds)
/** The paper's T, and the product's for the networks here. */
const USUAL_T = 20
const tolerance = Number(values.tolerance)
/** In NumPy: compared with, not timed. */
const FLOAT64 = 'float64'

function contestants(stepCase: StepCase, folder: string): Contestant[] {
  const product = (backend: string): Contestant =>
    new Contestant(
      backend === 'wasm' ? 'product, WebAssembly' : 'product',
      process.execPath,
      ['--import', 'tsx', path.join(import.meta.dirname, 'step-product.ts'), folder, backend, stepCase.name],
      values['one-core']
    )
  const peer = (name: string, script: string, ...more: string[]): Contestant =>
    new Contestant(
      name,
      python,
      [path.join(import.meta.dirname, 'peers', script), folder, ...more],
      values['one-core']
    )
  const convolutional = stepCase.model.endsWith('cnn')
  const asked = values.peers.split(',')
  return [
    product('native'),
    ...(values.wasm ? [product('wasm')] : []),
    ...(asked.includes('pytorch') ? [peer('PyTorch', 'pytorch_step.py')] : []),
    ...(asked.includes('channels-last') && convolutional
      ? [peer('PyTorch, channels last', 'pytorch_step.py', 'channels-last')]
      : []),
    ...(asked.includes('jax') ? [peer('JAX', 'jax_step.py')] : []),
    ...(asked.includes('tensorflow') ? [peer('TensorFlow, Python', 'tensorflow_step.py')] : []),
    ...(asked.includes('float64') ? [peer(FLOAT64, 'float64_step.py')] : [])
  ]
}

function writeCase(stepCase: StepCase, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const network = networkOf(stepCase)
  const { parameters, train, trusted, u } = dataOf(stepCase, network)
  network.layout.entries.forEach(({ offset, size }, i) =>
    writeFileSync(path.join(folder, `parameter-${i}.bin`), parameters.subarray(offset, offset + size))
  )
  writeFileSync(path.join(folder, 'train-x.bin'), train)
  writeFileSync(path.join(folder, 'trusted-x.bin'), trusted)
  writeFileSync(path.join(folder, 'u.bin'), u)
  const about = {
    layers: peerLayers(network),
    parameters: network.layout.entries.map(({ shape }) => shape),
    shape: stepCase.shape,
    batch: stepCase.batch,
    classes: CLASSES,
    steps: checkedStepsOf(stepCase),
    settings: SETTINGS
  }
  writeFileSync(path.join(folder, 'case.json'), JSON.stringify(about))
}

/** ||a - b|| / ||a|| of two files of float32. */
function deviation(a: string, b: string): number {
  const [x, y] = [a, b].map((file) => new Float32Array(Uint8Array.from(readFileSync(file)).buffer))
  if (x!.length !== y!.length) return Infinity
  let [difference, size] = [0, 0]
  for (let i = 0; i < x!.length; i++) {
    difference += (x![i]! - y![i]!) ** 2
    size += x![i]! ** 2
  }
  return Math.sqrt(difference / size)
}

/** Those that are there and whose answers agree with the product's, the product first. */
async function agreeing(all: Contestant[], stepCase: StepCase, folder: string): Promise<Contestant[]> {
  const vectors = ['v', 'moment', 'upper']
  const files = (who: Contestant): string[] =>
    vectors.map((vector) => `${vector} ${who.name}.bin`.replaceAll(' ', '-'))
  const kept: Contestant[] = []
  for (const who of all) {
    try {
      await who.ask('check', ...files(who))
    } catch (error) {
      console.log(`- left out: ${error instanceof Error ? error.message : String(error)}`)
      continue
    }
    const own = files(who)
    const deviations = vectors.map((_, i) =>
      deviation(path.join(folder, files(all[0]!)[i]!), path.join(folder, own[i]!))
    )
    const measured = deviations.map((value) => value.toExponential(1)).join(', ')
    if (!stepCase.dropout && deviations.some((value) => !(value < tolerance))) {
      console.log(`- left out: ${who.name} deviates by ${measured} in v, first moment, grad_u`)
      continue
    }
    if (who !== all[0] && !stepCase.dropout)
      console.log(`- ${who.name} agrees: v, first moment, grad_u within ${measured}`)
    kept.push(who)
  }
  return kept
}

/** Means of as many entries at a time. */
function means(list: readonly number[], size: number): number[] {
  return Array.from({ length: Math.floor(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size).reduce((total, value) => total + value / size, 0)
  )
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!
const milliseconds = (seconds: number): string => (seconds * 1000).toFixed(seconds < 0.1 ? 2 : 0)

async function compare(stepCase: StepCase): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-step-'))
  writeCase(stepCase, folder)
  console.log(`\n### ${stepCase.name}, batch ${stepCase.batch}\n`)
  const all = contestants(stepCase, folder)
  try {
    const there = (await agreeing(all, stepCase, folder)).filter(({ name }) => name !== FLOAT64)
    const small = !stepCase.model.endsWith('cnn')
    const perBatch = lowerStepsOf(stepCase)
    const [lowerSteps, upperSteps] = small ? [5 * perBatch, 10] : [perBatch, 2]
    const times = new Map(there.map((who) => [who, { lower: [] as number[], upper: [] as number[] }]))
    const speeds: { convolution: number; product: number }[] = []
    for (const who of there) await who.seconds('lower', lowerSteps)
    for (let round = 0; round < rounds; round++) {
      for (const who of there) {
        times.get(who)!.lower.push(median(means(await who.seconds('lower', lowerSteps), perBatch)))
        times.get(who)!.upper.push(median(await who.seconds('upper', upperSteps)))
      }
      speeds.push((await there[0]!.ask('machine')) as never)
    }
    const convolution = median(speeds.map((speed) => speed.convolution))
    const product = median(speeds.map((speed) => speed.product))
    const flops = lowerStepFlops(networkOf(stepCase), stepCase.batch)
    const own = times.get(there[0]!)!
    console.log(
      `\n| | lower step, ms | product is faster | upper step, ms | product is faster | ${USUAL_T} + 1 steps: product is faster |`
    )
    console.log('|---|---|---|---|---|---|')
    for (const who of there) {
      const { lower, upper } = times.get(who)!
      const ratio = (theirs: number[], ours: number[]): string =>
        // Ratios within a round: what slows the machine slows both.
        `${median(theirs.map((value, i) => value / ours[i]!)).toFixed(2)}x`
      const total = (of: { lower: number[]; upper: number[] }): number[] =>
        of.lower.map((seconds, i) => USUAL_T * seconds + of.upper[i]!)
      const ratios =
        who === there[0]
          ? ['', '', '']
          : [ratio(lower, own.lower), ratio(upper, own.upper), ratio(total(times.get(who)!), total(own))]
      const cells = [
        milliseconds(median(lower)),
        ratios[0],
        milliseconds(median(upper)),
        ratios[1],
        ratios[2]
      ]
      console.log(`| ${who.name} | ${cells.join(' | ')} |`)
    }
    const speed = median(own.lower.map((seconds) => flops / seconds))
    const share = (of: number): string => `${((speed / of) * 100).toFixed(0)} %`
    console.log(
      `\nA lower step is ${(flops / 1e9).toFixed(2)} GFLOP: ${(speed / 1e9).toFixed(0)} GFLOP/s, ` +
        `${share(convolution)} of the engine's convolution (${(convolution / 1e9).toFixed(0)} GFLOP/s), ` +
        `${share(product)} of its matrix product (${(product / 1e9).toFixed(0)}), in the same run.`
    )
  } finally {
    for (const who of all) who.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const chosen = STEP_CASES.filter(({ name }) => positionals.every((word) => name.includes(word)))
console.log(
  `${os.cpus()[0]?.model ?? 'unknown processor'}, ${values['one-core'] ? 'one core, processor time' : `${os.availableParallelism()} threads`}, ${rounds} rounds`
)
for (const stepCase of chosen) await compare(stepCase)
