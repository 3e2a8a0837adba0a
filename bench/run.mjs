// npm run bench -- <name> [arguments]: runs bench/<name>.ts (or .mjs); without a name, lists them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

const BENCHES = {
  golden: 'hashes of the numbers of small runs of every task, method and model [write] [case words]',
  abort: 'exports, imports, downloads and uploads broken off at random moments <count> [seed]',
  step: 'Penalty steps of the product against PyTorch, JAX and TensorFlow [case words] [--rounds n] [--wasm]',
  kernels: "whether every kernel agrees with its composition on this machine's processor or card [CPU|GPU]",
  start: 'from the start of the command to its first step, by parts [rounds] [case words]',
  memory: 'peak memory of Penalty and RMD against T',
  cost: 'cost of a step against dataset size, network and T',
  'time-to-auroc':
    'a whole run against PyTorch: seconds until the weights find the wrong labels [logistic|mlp] [--rounds n]',
  import: 'reading MNIST from IDX, MB of pixels a second',
  denoising: 'tables of docs/experiments.md <table> [seeds]',
  poisoning: 'tables of attacks by added points <table> [seeds]',
  judging: 'what judging a few labels and running again brings [sets] [seeds] [noise,...] [count]',
  'label-errors':
    'finding wrong labels in tables, features and digits, beside other tools [set|all] [seeds] [noise,...] [trusted,...]',
  large:
    'finding wrong labels in many rows of features, beside the script people write instead [rows] [seed]',
  'clean-label': 'tables of clean-label attacks <table> [seed]',
  'few-shot': 'tables of few-shot learning on Omniglot <table> [seeds]',
  hyperparameters: 'tuning against a grid search and no regularisation <table> [seeds]',
  map: 'the map of 100,000 points in the window: frames while it is moved, zoomed and circled [rows]',
  grid: "MNIST's 60,000 images in the window: import, first page of pictures, scrolling",
  charts: 'the page of a run with 10,000 metric events: frames, memory',
  kill: 'kills the workbench or its training at random moments of work; nothing may be lost <count> [seed]',
  shards: 'what averaging v between shards costs against one process [sets] [seeds] [passes]',
  'place-overhead': "what a place adds to Slurm's own delay, on two nodes on this machine [rounds]",
  'place-list': 'a list of runs, some of them queued in Slurm: queries, milliseconds [runs] [queued]',
  scale: 'throughputs that docs/scale.md counts with [examples]',
  'place-faults':
    'faults of runs on a real Slurm of two nodes on this machine [times] [pattern] [--real-ssh] [--accounting]',
  'place-tasks':
    'every task and every named file, here and at a place on this machine: the same numbers [word]',
  'first-load': 'what the served window sends before its first page is there',
  forecast:
    'whether runs take the time that was forecast, and tell the time left [words of kinds,...] [times]',
  features:
    'features of photographs by an extractor, beside ONNX Runtime alone on decoded pictures <extractor> [pictures]',
  decisions: 'deciding, undoing and listing beside many decisions that stand [count]',
  watching: 'what the window costs a run, and a run the window [rounds]',
  synthetic: "the paper's problems with known solutions, all methods [T,T,...] [seed]"
}

const [name, ...rest] = process.argv.slice(2)
const file = ['.ts', '.mjs'].map((end) => path.join(import.meta.dirname, `${name}${end}`)).find(existsSync)
if (!name || !(name in BENCHES) || !file) {
  for (const [each, about] of Object.entries(BENCHES)) console.log(`${each.padEnd(16)} ${about}`)
  process.exit(name ? 2 : 0)
}
const { status } = spawnSync(process.execPath, ['--import', 'tsx', file, ...rest], { stdio: 'inherit' })
process.exit(status ?? 1)
