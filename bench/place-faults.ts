// npm run bench -- place-faults [times] [pattern of names] [--real-ssh] [--accounting]: runs on a real Slurm of two nodes on this machine, each met by a fault. Each
// has to end with the numbers of an undisturbed local run, trained by one process at a time. Needs root and Debian's
// packages (slurmctld, slurmd, slurm-client, munge).
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Cluster, clusterKind } from './places/cluster'
import { FAULTS } from './places/faults'
import { pause, Trial } from './places/trial'

/** A controller that was away hears from its nodes only then that a job has ended. */
const SETTLED_SECONDS = 60

const { kind, rest } = clusterKind(process.argv.slice(2))
const most = Number(rest[0] ?? 99)
const wanted = new RegExp(rest[1] ?? '')
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-place-'))
const cluster = new Cluster(folder, kind)
const trial = new Trial(folder, cluster)
let met = 0
let wrong = 0
try {
  await trial.begin(3)
  await trial.start()
  console.log('fault | runs | attempts | s | as undisturbed')
  for (const { name, times, act, after, expected, needs } of FAULTS) {
    if (!wanted.test(name) || (needs !== undefined && kind[needs] !== true)) continue
    const said: string[] = []
    const attempts: number[] = []
    const begun = performance.now()
    const rounds = Math.min(times, most)
    for (let i = 0; i < rounds; i++) {
      const run = trial.queue()
      try {
        await act(trial, run)
        await run.ended()
      } catch (error) {
        said.push(error instanceof Error ? error.message : String(error))
      }
      await after?.(trial)
      if (!trial.isRunning) await trial.start()
      attempts.push(run.attempts)
      said.push(...run.faults(expected))
      const left = await leftInQueue()
      if (left.length > 0) said.push(`left in the queue: ${left.join(', ')}`)
    }
    met += rounds
    wrong += said.length > 0 ? 1 : 0
    const seconds = Math.round((performance.now() - begun) / 1000 / rounds)
    console.log(`${name} | ${rounds} | ${attempts.join(', ')} | ${seconds} | ${said.join('; ') || 'yes'}`)
  }
  console.log(`${met} faults, ${wrong} kinds with something wrong`)
} finally {
  await trial.end()
  cluster.stop()
}
if (wrong === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
else console.log(`Look at ${folder}`)
process.exit(wrong === 0 ? 0 : 1)

/** Jobs that stay in the queue after their run has ended. */
async function leftInQueue(): Promise<string[]> {
  for (let second = 0; second < SETTLED_SECONDS && cluster.queue().length > 0; second++) await pause(1000)
  return cluster.queue()
}
