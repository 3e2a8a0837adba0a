import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskFull, PlaceShell } from '@main/runs/places/place-shell'
import { UNPLACED } from '@main/runs/places/placement'
import type { Placement } from '@main/runs/places/placement'
import { isAlive, isWaiting, jobsIn, pastIn, placesInQueue, sbatchOptions } from '@main/runs/places/slurm/job'
import { SlurmHost } from '@main/runs/places/slurm/slurm-host'
import { JobSubmitter, submissionScript } from '@main/runs/places/slurm/submission'
import { Supply } from '@main/runs/places/supply'
import { PlaceWatch } from '@main/runs/places/slurm/watch'
import type { FromWorker } from '@main/runs/protocol'
import { place as placeSchema } from '@shared/domain/place'
import type { Place } from '@shared/domain/place'
import { denoisingSpec } from '@shared/domain/task-spec'
import { scratchFolder } from '@support/command'

// A stand-in for Slurm and ssh: scripts on the PATH that keep jobs in files. The real one is in
// slurm-cluster.training.test.ts; here is what a real one does seldom or slowly.

const realTar = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'tar'))
  .find((file) => existsSync(file))

const SCRIPTS = {
  // The job runs at once, unless the file "busy" keeps it waiting.
  sbatch: `n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; echo "$options" >> sbatched
last=0; case "$options" in *--array=0-*) last=\${options#*--array=0-}; last=\${last%% *} ;; esac
name=\${options#*--job-name=}; name=\${name%% *}
k=0; while [ $k -le $last ]; do
  j=$n; [ $last -gt 0 ] && j=\${n}_$k
  echo PENDING > $j.state; echo "$name" > $j.name
  [ -e busy ] || { echo RUNNING > $j.state
  ( SLURM_ARRAY_TASK_ID=$k SLURM_JOB_ID=$n sh "$dir/job" >/dev/null 2>&1; echo $? > $j.rc; echo COMPLETED > $j.state ) >/dev/null 2>&1 & }
  k=$((k + 1))
done
[ -e lost ] && { rm lost; exit 1; }
echo $n`,
  squeue: `echo "$options" >> asked
[ -e mute ] && { echo "slurm_load_jobs error" >&2; exit 1; }
[ -e hang ] && sleep 1000
case "$options" in *PENDING*) echo "main|7"; echo "other|8"; ls *.state | sed 's/\\.state//; s/^/main|/'; exit 0 ;; esac
for f in *.state; do
  [ -e "$f" ] || continue
  j=\${f%.state}; s=$(cat $f); [ "$s" = FORGOTTEN ] && continue
  case "$options" in *%j*) case $s in PENDING|RUNNING) echo "$(cat $j.name)|$j|$s" ;; esac ;; *) echo "$j|$s|Priority|2030-01-01T10:20:00" ;; esac
done; exit 0`,
  sacct: `echo "$options" >> accounted; [ -e accounts ] && cat accounts; exit 0`,
  scancel: `echo CANCELLED > $1.state; echo $1 >> cancelled`,
  scontrol: `exit 1`,
  // What comes back is unpacked on this machine, whose disk may be full.
  tar: `case "$options" in *-xf*) [ -e "$dir/jobs/full" ] && { cat >/dev/null; echo "tar: report.json: Cannot write: No space left on device" >&2; exit 2; } ;; esac
exec ${realTar} "$@"`,
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
    const take = name === 'sbatch' ? `for last; do :; done; cp "$last" ${dir}/job` : ''
    writeFileSync(
      path.join(bin, name),
      `#!/bin/sh\n${take}\noptions="$*"; dir=${dir}${name === 'tar' ? '' : `; cd ${jobs}`}\n${text}\n`
    )
    chmodSync(path.join(bin, name), 0o755)
  }
  process.env['PATH'] = `${bin}:${before}`
})
afterEach(() => {
  process.env['PATH'] = before
  remove()
})

/** The shared folder: whatever a user calls it. */
const SHARED = `it's "ü" 100% $HOME #1`

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
  /** It has no job any more. */
  released: boolean
  readonly steps: () => number[]
  readonly phases: () => string[]
}

interface Cluster {
  readonly place: Place
  readonly shell: PlaceShell
  readonly watch: PlaceWatch
  readonly submitter: JobSubmitter
  readonly supply: Supply
}

function nodeOf(command: string, login: string | null = null): Cluster {
  const place: Place = {
    name: 'cluster',
    login,
    folder: path.join(dir, SHARED),
    command,
    partition: null,
    gres: null,
    time: null,
    options: []
  }
  const shell = new PlaceShell(place)
  return {
    place,
    shell,
    watch: new PlaceWatch(shell),
    submitter: new JobSubmitter(shell),
    supply: new Supply()
  }
}

function follow(
  command: string,
  {
    login = null,
    placement = UNPLACED,
    run = 'r1',
    cluster = nodeOf(command, login)
  }: { login?: string | null; placement?: Placement; run?: string; cluster?: Cluster } = {}
): Followed {
  const messages: FromWorker[] = []
  const events = () => messages.flatMap((message) => (message.type === 'events' ? message.events : []))
  const followed: Followed = {
    placement,
    released: false,
    messages,
    steps: () => events().flatMap((event) => (event.type === 'metric' ? [event.step] : [])),
    phases: () => events().flatMap((event) => (event.type === 'progress' ? [event.phase] : [])),
    host: new SlurmHost({
      ...cluster,
      run,
      needed: { spec, cwd: dir, locate: () => Promise.resolve([]) },
      outputDir: path.join(dir, run === 'r1' ? 'out' : `out-${run}`),
      placement,
      onMessage: (message) => messages.push(message),
      onPlacement: (now) => {
        followed.released = now.job === null
        // The job that it had is looked at after its end.
        followed.placement = now.job === null ? { ...now, job: followed.placement.job } : now
      }
    })
  }
  return followed
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    if (i > 800) throw new Error('It did not happen within 40 s.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
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
  expect(JSON.parse(readFileSync(path.join(dir, SHARED, 'runs/r1/spec.json'), 'utf8'))).toMatchObject({
    run: 'r1',
    workspace: path.join(dir, SHARED)
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
  const run = follow(train(`say '${METRIC(1)}'; sleep 6; finish`))
  await until(() => run.steps().length === 1)
  raise('mute')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
})

test('one that waits in the queue says why, and is paused by leaving it', async () => {
  raise('busy')
  const run = follow(train('finish'))
  await until(() =>
    run
      .phases()
      .includes('waiting in Slurm at cluster: 2nd in the queue, starts about 2030-01-01 10:20 (Priority)')
  )
  run.host.send({ type: 'pause' })
  await run.host.exited
  expect(run.messages.at(-1)).toEqual({ type: 'paused' })
  expect(readFileSync(flag('cancelled'), 'utf8')).toBe('1\n')
  expect(run.released).toBe(true)
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

test('what was told before a pause is not read again after it', async () => {
  const command = train(`if [ "$own" = attempt-1 ]; then say '${METRIC(1)}'
until [ -e wish.json ]; do sleep 0.1; done; say '${METRIC(2)}'; say '{"type":"paused"}'; exit 75; fi
say '${METRIC(3)}'; finish`)
  const first = follow(command)
  await until(() => first.steps().length === 1)
  first.host.send({ type: 'pause' })
  await first.host.exited
  expect(first.steps()).toEqual([1, 2])
  const second = follow(command, { placement: { ...first.placement, job: null } })
  expect(await second.host.exited).toMatchObject({ code: 0 })
  expect(second.steps()).toEqual([3])
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
  expect(existsSync(path.join(dir, SHARED, 'runs/r1/attempt-2'))).toBe(false)
})

test('runs that come together are one array, and each is followed by itself', async () => {
  const command = train(`say '${METRIC(1)}'; finish`)
  const cluster = nodeOf(command)
  const runs = ['r1', 'r2', 'r3'].map((run) => follow(command, { run, cluster }))
  for (const { host } of runs) expect(await host.exited).toMatchObject({ code: 0 })
  const sbatched = readFileSync(flag('sbatched'), 'utf8').trim().split('\n')
  expect(sbatched).toHaveLength(1)
  expect(sbatched[0]).toContain('--array=0-2')
  expect(runs.map(({ placement }) => placement.job)).toEqual(['1_0', '1_1', '1_2'])
  for (const run of runs) expect(run.steps()).toEqual([1])
  for (const out of ['out', 'out-r2', 'out-r3'])
    expect(existsSync(path.join(dir, out, 'report.json'))).toBe(true)
})

test('a waiting task of an array that somebody cancels is gone from the queue, and paused, not submitted again', async () => {
  raise('busy')
  const command = train('finish')
  const cluster = nodeOf(command)
  const [first, second] = ['r1', 'r2'].map((run) => follow(command, { run, cluster })) as [Followed, Followed]
  const waits = (run: Followed): boolean => run.phases().some((phase) => phase.includes('(Priority)'))
  await until(() => waits(first) && waits(second))
  writeFileSync(flag('1_1.state'), 'FORGOTTEN')
  await second.host.exited
  expect(second.messages.at(-1)).toEqual({ type: 'paused' })
  expect(second.released).toBe(true)
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(first.released).toBe(false)
  first.host.letGo()
})

test('data that were damaged at the place are said to be so there, and what to do', async () => {
  const failure = {
    code: 'bad-input',
    sentence: 'The dataset "digits" is damaged: its labels.bin has other bytes.',
    remedy: 'Import it again from digits.npz, or take its folder from a backup.'
  }
  const word = JSON.stringify({ type: 'failed', failure })
  const run = follow(train(`say '${word}'; exit 1`))
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(run.messages.at(-1)).toEqual({
    type: 'failed',
    failure: {
      code: 'bad-input',
      sentence: 'At cluster: The dataset "digits" is damaged: its labels.bin has other bytes.',
      remedy: `Remove ${path.join(dir, SHARED)}/datasets there while nothing trains, then start the run again: what it needs is sent again.`
    }
  })
})

test('a job whose number was lost on the way is found again, and no second one is submitted', async () => {
  raise('lost')
  raise('down')
  const command = train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; finish`)
  const first = follow(command, { login: 'node' })
  lower('down')
  await until(() => existsSync(flag('1.name')))
  expect((await first.host.exited).code).toBe(1)
  const second = follow(command, { login: 'node' })
  await until(() => second.steps().length === 1)
  raise('go')
  expect(await second.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(second.placement.job).toBe('1')
})

test('what squeue has forgotten, accounting says: memory that ran out is not tried again', async () => {
  const run = follow(
    train(`say '${METRIC(1)}'; echo '1|OUT_OF_MEMORY' > ${flag('accounts')}; sleep 1; exit 1`)
  )
  await until(() => existsSync(flag('1.rc')))
  writeFileSync(flag('1.state'), 'FORGOTTEN')
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(run.messages.at(-1)).toMatchObject({
    failure: { sentence: expect.stringContaining('memory ran out') as string }
  })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(readFileSync(flag('accounted'), 'utf8')).toContain('--jobs=1 ')
})

test('a command that hangs with all its children is given up, and the place is unreachable', async () => {
  raise('hang')
  const shell = new PlaceShell({ login: null })
  await expect(shell.run('squeue --me', { patience: 300 })).rejects.toThrow('it does not answer')
  lower('hang')
  expect((await shell.run('squeue --me')).code).toBe(0)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is a reason to wait, and said', async () => {
  const shell = new PlaceShell({ login: null })
  await expect(shell.must('echo more | cat > /dev/full', 'It cannot be written')).rejects.toThrow(DiskFull)
  // As a submission writes: by cat, and not by the shell.
  const script = submissionScript(nodeOf('bilevel').place, 'bilevel-1')
  expect(script.split('\n').filter((line) => /printf.*>/.test(line) && !line.includes('| cat >'))).toEqual([])
})

test('results wait for room on this machine, and are fetched then', async () => {
  raise('full')
  const run = follow(train(`say '${METRIC(1)}'; finish`))
  await until(() =>
    run.phases().some((phase) => phase.startsWith('waiting for room: the disk of this machine'))
  )
  expect(existsSync(path.join(dir, 'out'))).toBe(false)
  lower('full')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(path.join(dir, 'out/report.json'), 'utf8')).toContain('"made": "there"')
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
})

test('a script longer than a word of a command line comes to the place too', async () => {
  const script = `${'# a line that says nothing\n'.repeat(8000)}echo here`
  expect(script.length).toBeGreaterThan(131_072)
  expect((await new PlaceShell({ login: null }).run(script)).stdout.toString()).toBe('here\n')
})

test('how many wait before a job in its partition', () => {
  const ahead = placesInQueue('gpu|5\nmain|7\ngpu|12_[3-5,8%2]\ngpu|13\n')
  expect([ahead('5'), ahead('7'), ahead('12_8'), ahead('13'), ahead('99')]).toEqual([0, 0, 1, 2, undefined])
})

test('what sacct prints', () => {
  expect(pastIn('12_3|CANCELLED by 1000\n13|TIMEOUT\n13.batch|CANCELLED\n')).toEqual(
    new Map([
      ['12_3', { state: 'CANCELLED', reason: '', start: undefined }],
      ['13', { state: 'TIMEOUT', reason: '', start: undefined }]
    ])
  )
})

test('a folder of a place is named as it is, also in patterns of sbatch; what Slurm takes for an escape is refused', () => {
  const { place: here } = nodeOf('bilevel')
  expect(sbatchOptions({ ...here, folder: '/a 100%j' }, 'x')).toContain('--output=/a 100%%j/arrays/x/%j.log')
  for (const folder of ['/a\\b', '/a\nb', 'a'])
    expect(placeSchema.safeParse({ ...here, folder }).success).toBe(false)
  expect(placeSchema.safeParse(here).success).toBe(true)
})

test('what squeue prints', () => {
  const jobs = jobsIn(
    '12|PENDING|Resources|2026-01-02T03:04:05\n13_4|RUNNING|None|N/A\n14|NODE_FAIL|None|N/A\nnoise\n'
  )
  expect([...jobs.keys()]).toEqual(['12', '13_4', '14'])
  expect(jobs.get('12')).toEqual({ state: 'PENDING', reason: 'Resources', start: '2026-01-02T03:04:05' })
  expect(isWaiting(jobs.get('12')!)).toBe(true)
  expect(isAlive(jobs.get('14')!)).toBe(false)
})
