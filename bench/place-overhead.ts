// npm run bench -- place-overhead [rounds]: what a place adds to Slurm's own delay, on a cluster of two nodes on this machine
// (root, and Debian's packages). In turn: sbatch of a job that says its hostname, until its answer lies in the folder; a
// run, from its creation to its job's number, to its first event here, and how late each of its events comes.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRun, trainRun } from '../src/main/runs'
import { Cluster } from './places/cluster'
import { pause, Trial } from './places/trial'
import { quantile } from './quantile'

const rounds = Number(process.argv[2] ?? 5)
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-place-'))
const cluster = new Cluster(folder)
const trial = new Trial(folder, cluster)
const seconds: Record<string, number[]> = {}
const note = (name: string, begun: number, ended = performance.now()): void =>
  void (seconds[name] ??= []).push((ended - begun) / 1000)

async function hostname(i: number): Promise<void> {
  const answer = path.join(cluster.shared, `hostname-${i}`)
  const begun = performance.now()
  cluster.slurm(
    'sbatch',
    '--output=/dev/null',
    `--wrap=hostname > ${answer}.part; mv ${answer}.part ${answer}`
  )
  note('sbatch returns', begun)
  while (!existsSync(answer)) await pause(10)
  note('sbatch to hostname', begun)
}

/** When a run's file of events grew, by its size. */
function growth(run: string): { at: Map<number, number>; stop: () => void } {
  const at = new Map<number, number>()
  const timer = setInterval(() => {
    const dir = path.join(cluster.shared, 'runs', run, 'attempt-1')
    if (!existsSync(dir) || !readdirSync(dir).includes('events.ndjson')) return
    const { size } = statSync(path.join(dir, 'events.ndjson'))
    if (size > 0 && !at.has(size)) at.set(size, performance.now())
  }, 10)
  return { at, stop: () => clearInterval(timer) }
}

async function run(): Promise<void> {
  const begun = performance.now()
  const { id } = createRun({ workspace: trial.workspace, spec: trial.spec, place: 'two' })
  const watched = growth(id)
  const { store } = trial.workspace
  let job = 0
  let first = 0
  const looking = setInterval(() => {
    if (job === 0 && store.events.placementOf(id).job !== null)
      note('run: created to its job', begun, (job = performance.now()))
    const { offset } = store.events.placementOf(id)
    for (const [size, grown] of watched.at) {
      if (size > offset) continue
      watched.at.delete(size)
      note('event: written to read', grown)
    }
  }, 20)
  await trainRun(trial.workspace, id, {
    onReady: () => {
      if (first === 0) note('run: created to the first word of its job', begun, (first = performance.now()))
    }
  })
  clearInterval(looking)
  watched.stop()
  note('run: created to its result here', begun)
}

try {
  await trial.begin(3)
  const reference = trial.workspace.store.get(trial.reference)
  const local = Date.parse(reference.endedAt!) - Date.parse(reference.startedAt!)
  for (let i = 0; i < rounds; i++) {
    await hostname(i)
    await run()
  }
  console.log(`${rounds} rounds; the same run here takes ${(local / 1000).toFixed(1)} s\n`)
  console.log('| what | n | median s | 90 % |\n|---|---|---|---|')
  for (const [name, values] of Object.entries(seconds)) {
    const sorted = Float64Array.from(values).sort()
    console.log(
      `| ${name} | ${values.length} | ${quantile([...sorted], 0.5).toFixed(2)} | ${quantile([...sorted], 0.9).toFixed(2)} |`
    )
  }
} finally {
  await trial.end()
  cluster.stop()
}
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
