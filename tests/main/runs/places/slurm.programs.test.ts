import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PlaceShell } from '@main/runs/places/place-shell'
import { UNPLACED } from '@main/runs/places/placement'
import type { Placement } from '@main/runs/places/placement'
import { isAlive, isWaiting, jobsIn } from '@main/runs/places/slurm/job'
import { SlurmHost } from '@main/runs/places/slurm/slurm-host'
import { PlaceWatch } from '@main/runs/places/slurm/watch'
import type { FromWorker } from '@main/runs/protocol'
import type { Place } from '@shared/domain/place'
import { denoisingSpec } from '@shared/domain/task-spec'
import { scratchFolder } from '@support/command'

// A stand-in for Slurm and ssh: scripts on the PATH that keep jobs in files. The real one is in
// slurm-cluster.training.test.ts; here is what a real one does seldom or slowly.

const SCRIPTS = {
  // The job runs at once, unless the file "busy" keeps it waiting.
  sbatch: `n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; echo $n
echo PENDING > $n.state
[ -e busy ] || { echo RUNNING > $n.state
( SLURM_JOB_ID=$n sh "$dir/job" >/dev/null 2>&1; echo $? > $n.rc; echo COMPLETED > $n.state ) >/dev/null 2>&1 & }`,
  squeue: `[ -e mute ] && { echo "slurm_load_jobs error" >&2; exit 1; }
for f in *.state; do [ -e "$f" ] && echo "\${f%.state}|$(cat $f)|Priority|2030-01-01T10:20:00"; done; exit 0`,
  scancel: `echo CANCELLED > $1.state; echo $1 >> cancelled`,
  scontrol: `exit 1`,
  ssh: `[ -e down ] && { echo "ssh: connect to host node port 22: Connection refused" >&2; exit 255; }
while [ $# -gt 2 ]; do shift; done; cd / ; exec sh -c "$2"`
}

let dir: string
let remove: () => void
const before = process.env['PATH']

beforeEach(() => {
  ;({ dir, remove } = scratchFolder())
  const bin = path.join(dir, 'bin')
  const jobs = path.join(dir, 'jobs')
  mkdirSync(bin)
  mkdirSync(jobs)
  for (const [name, text] of Object.entries(SCRIPTS)) {
    const take = name === 'sbatch' ? `cp "$2" ${dir}/job` : ''
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${take}\ncd ${jobs}; dir=${dir}\n${text}\n`)
    chmodSync(path.join(bin, name), 0o755)
  }
  process.env['PATH'] = `${bin}:${before}`
})
afterEach(() => {
  process.env['PATH'] = before
  remove()
})

const flag = (name: string): string => path.join(dir, 'jobs', name)
const raise = (name: string): void => writeFileSync(flag(name), '')
const lower = (name: string): void => rmSync(flag(name), { force: true })

/** A stand-in for the training of one attempt; `$own` is the attempt's folder, `say` tells a message. */
const train = (body: string): string => {
  const file = path.join(dir, 'bin', 'bilevel')
  writeFileSync(
    file,
    `#!/bin/sh
cd "$2"; n=1; while ! mkdir "attempt-$n" 2>/dev/null; do n=$((n + 1)); done; own=attempt-$n; k=0
say() { k=$((k + 1)); echo "{\\"n\\":$k,\\"message\\":$1}" >> $own/events.ndjson; }
finish() { mkdir -p $own/results; echo '{"made":"there"}' > $own/results/report.json; mv $own/results results; say '${DONE}'; }
${body}
`
  )
  chmodSync(file, 0o755)
  return file
}

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
const REPORT = {
  schema: 1,
  task: 'other-version',
  method: 'gd',
  model: 'logistic',
  seed: 0,
  stopped: 'epochs',
  backend: { name: 'wasm', version: '1', device: 'cpu', threads: 1 },
  data: {},
  metrics: {},
  timing: { seconds: 1, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
  memory: { peakRssMiB: 1, peakTensorMiB: 1 },
  spec
}
const DONE = JSON.stringify({ type: 'done', report: REPORT })
const METRIC = (step: number): string =>
  JSON.stringify({ type: 'events', events: [{ type: 'metric', step, seconds: step, f: 1 }] })

interface Followed {
  readonly host: SlurmHost
  readonly messages: FromWorker[]
  placement: Placement
  readonly steps: () => number[]
  readonly phases: () => string[]
}

function follow(
  command: string,
  { login = null, placement = UNPLACED }: { login?: string | null; placement?: Placement } = {}
): Followed {
  const place: Place = {
    name: 'cluster',
    login,
    folder: path.join(dir, 'shared'),
    command,
    partition: null,
    gres: null,
    time: null,
    options: []
  }
  const shell = new PlaceShell(place)
  const messages: FromWorker[] = []
  const events = () => messages.flatMap((message) => (message.type === 'events' ? message.events : []))
  const followed: Followed = {
    placement,
    messages,
    steps: () => events().flatMap((event) => (event.type === 'metric' ? [event.step] : [])),
    phases: () => events().flatMap((event) => (event.type === 'progress' ? [event.phase] : [])),
    host: new SlurmHost({
      run: 'r1',
      place,
      shell,
      watch: new PlaceWatch(shell),
      spec,
      outputDir: path.join(dir, 'out'),
      placement,
      locate: () => Promise.resolve([]),
      onMessage: (message) => messages.push(message),
      onPlacement: (now) => {
        followed.placement = now
      }
    })
  }
  return followed
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 50))
}

test('a run is submitted, followed and fetched; each event comes once and in order', async () => {
  const run = follow(train(`say '${METRIC(1)}'; sleep 1; say '${METRIC(2)}'; finish`))
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(run.steps()).toEqual([1, 2])
  expect(run.messages.at(-1)).toMatchObject({ type: 'done', report: { method: 'gd' } })
  expect(JSON.parse(readFileSync(path.join(dir, 'out/report.json'), 'utf8'))).toEqual({
    made: 'there',
    spec: JSON.parse(JSON.stringify(spec)) as unknown
  })
  expect(JSON.parse(readFileSync(path.join(dir, 'shared/runs/r1/spec.json'), 'utf8'))).toMatchObject({
    run: 'r1',
    workspace: path.join(dir, 'shared')
  })
})

test('a login node that cannot be reached is waited for, and the run is not failed', async () => {
  raise('down')
  const run = follow(train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; finish`), {
    login: 'node'
  })
  await until(() => run.phases().some((phase) => phase.includes('Connection refused')))
  lower('down')
  await until(() => run.steps().length === 1)
  raise('down')
  raise('go')
  const seen = run.phases().length
  await until(() => run.phases().length > seen)
  expect(run.phases().at(-1)).toContain('the run goes on there')
  lower('down')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(run.messages.at(-1)?.type).toBe('done')
})

test('a job that ended without a word is submitted again, and given up after the third', async () => {
  const run = follow(train(`say '${METRIC(1)}'; exit 1`))
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('3')
  expect(run.messages.at(-1)).toMatchObject({
    type: 'failed',
    failure: { code: 'process-died', sentence: expect.stringContaining('3 times in a row') as string }
  })
})

test('while Slurm itself does not answer, a quiet job is not taken for dead', async () => {
  raise('mute')
  const run = follow(train(`sleep 6; finish`))
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
})

test('one that waits in the queue says why, and is paused by leaving it', async () => {
  raise('busy')
  const run = follow(train('finish'))
  await until(() => run.phases().includes('waiting in Slurm at cluster (Priority, starts about 10:20)'))
  run.host.send({ type: 'pause' })
  await run.host.exited
  expect(run.messages.at(-1)).toEqual({ type: 'paused' })
  expect(readFileSync(flag('cancelled'), 'utf8')).toBe('1\n')
  expect(run.placement.job).toBeNull()
})

test('a wish lies in the folder; what is told after an attempt was overtaken is not read', async () => {
  const run = follow(
    train(`say '${METRIC(1)}'
until [ -e wish.json ]; do sleep 0.1; done; cp wish.json ${flag('wished')}; mkdir attempt-2
echo '{"n":1,"message":${METRIC(2)}}' > attempt-2/events.ndjson; sleep 3; say '${METRIC(99)}'
echo '{"n":2,"message":{"type":"paused"}}' >> attempt-2/events.ndjson; exit 75`)
  )
  await until(() => run.steps().length === 1)
  run.host.send({ type: 'pause' })
  await run.host.exited
  expect(JSON.parse(readFileSync(flag('wished'), 'utf8'))).toEqual({ want: 'pause' })
  expect(run.steps()).toEqual([1, 2])
  expect(run.messages.at(-1)).toEqual({ type: 'paused' })
})

test('whoever follows it next goes on from where the last one read', async () => {
  const first = follow(
    train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; say '${METRIC(2)}'; finish`)
  )
  await until(() => first.steps().length === 1)
  first.host.letGo()
  raise('go')
  const second = follow(path.join(dir, 'bin', 'bilevel'), { placement: first.placement })
  await second.host.exited
  expect(second.steps()).toEqual([2])
  expect(existsSync(path.join(dir, 'shared/runs/r1/attempt-2'))).toBe(false)
})

test('what squeue prints', () => {
  const jobs = jobsIn(
    '12|PENDING|Resources|2026-01-02T03:04:05\n13_4|RUNNING|None|N/A\n14|NODE_FAIL|None|N/A\nnoise\n'
  )
  expect([...jobs.keys()]).toEqual(['12', '14'])
  expect(jobs.get('12')).toEqual({ state: 'PENDING', reason: 'Resources', start: '2026-01-02T03:04:05' })
  expect(isWaiting(jobs.get('12')!)).toBe(true)
  expect(isAlive(jobs.get('14')!)).toBe(false)
})
