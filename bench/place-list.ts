// npm run bench -- place-list [runs] [queued]: a list of runs, some of them queued in a real Slurm (two nodes on this machine
// whose partition takes jobs and starts none; root, and Debian's packages). Tells how often Slurm is asked, and how
// long the list takes as the API answers it.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRun, RunFeed, Scheduler } from '../src/main/runs'
import { Cluster } from './places/cluster'
import { pause, Trial } from './places/trial'
import { quantile } from './quantile'

const total = Number(process.argv[2] ?? 1000)
const queued = Number(process.argv[3] ?? 100)
const SECONDS = 30
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-place-'))
const cluster = new Cluster(folder)
const trial = new Trial(folder, cluster)
const { workspace } = trial
const { store } = workspace
try {
  await trial.settle(3)
  cluster.setPartition('down')
  for (let i = 0; i < total - queued; i++) {
    const { id } = createRun({ workspace, spec: trial.spec })
    store.move(id, 'running')
    store.move(id, 'done', { endedAt: new Date().toISOString() })
  }
  const ids = Array.from(
    { length: queued },
    () => createRun({ workspace, spec: trial.spec, scheduled: true, place: 'two' }).id
  )
  const scheduler = new Scheduler(workspace)
  const feed = new RunFeed(store, scheduler)
  const leave = feed.join(() => undefined)
  const begun = performance.now()
  scheduler.start()
  while (ids.some((id) => store.events.placementOf(id).job === null)) await pause(100)
  console.log(`${queued} runs are in the queue after ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  console.log(
    `sbatch was called ${cluster.calls('sbatch').length} times; Slurm says ${cluster.queue().length} jobs`
  )
  const before = cluster.calls('squeue').length
  const cpu = process.cpuUsage()
  const took: number[] = []
  const worked: number[] = []
  for (let i = 0; i < SECONDS; i++) {
    const asked = performance.now()
    const before = process.cpuUsage()
    const { length } = JSON.stringify(store.list())
    const { user, system } = process.cpuUsage(before)
    took.push(performance.now() - asked)
    worked.push((user + system) / 1000)
    if (length === 0 || feed.all().runs.length !== total) throw new Error('The list is not whole.')
    await pause(1000)
  }
  const { user, system } = process.cpuUsage(cpu)
  const asked = cluster.calls('squeue').slice(before)
  const others = asked.filter((options) => options.includes('PENDING'))
  console.log(
    `in ${SECONDS} s: ${asked.length - others.length} looks at all runs by squeue, ${others.length} at who else waits, ${((user + system) / 1e6).toFixed(1)} CPU s of the workbench`
  )
  console.log(`one of them: ${store.get(ids[0]!).phase}`)
  for (const [name, values] of Object.entries({ 'of the processor': worked, 'by the clock': took })) {
    const median = quantile(values, 0.5).toFixed(1)
    console.log(
      `the list of ${total} as JSON, ms ${name}: median ${median}, slowest ${Math.max(...values).toFixed(1)}`
    )
  }
  leave()
  await scheduler.close()
} finally {
  cluster.stop()
  await trial.end()
}
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
