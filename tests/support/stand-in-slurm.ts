import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { PlaceShell } from '@main/runs/places/place-shell'
import { UNPLACED } from '@main/runs/places/placement'
import type { Placement } from '@main/runs/places/placement'
import { SlurmHost } from '@main/runs/places/slurm/slurm-host'
import { JobSubmitter } from '@main/runs/places/slurm/submission'
import { Supply } from '@main/runs/places/supply'
import { PlaceWatch } from '@main/runs/places/slurm/watch'
import type { FromWorker } from '@main/runs/protocol'
import type { Place } from '@shared/domain/place'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from './command'

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

export let dir: string
const before = process.env['PATH']

/** Puts it on the PATH for each test of the file that asks for it. */
export function standInForSlurm(): void {
  beforeEach(() => {
    dir = temporaryFolder()
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
  })
}

/** Pause between two looks: files on this machine show their news at once. */
const LOOK_MS = 100

/** The shared folder: whatever a user calls it. */
export const SHARED = `it's "ü" 100% $HOME #1`

export const flag = (name: string): string => path.join(dir, 'jobs', name)
export const raise = (name: string): void => writeFileSync(flag(name), '')
export const lower = (name: string): void => rmSync(flag(name), { force: true })

/** A stand-in for the training of one attempt; `$own` is the attempt's folder, `say` tells a message. */
export const train = (body: string): string => {
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

export const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
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
export const METRIC = (step: number): string =>
  JSON.stringify({ type: 'events', events: [{ type: 'metric', step, seconds: step, f: 1 }] })

export interface Followed {
  readonly host: SlurmHost
  readonly messages: FromWorker[]
  placement: Placement
  /** It has no job any more. */
  released: boolean
  readonly steps: () => number[]
  readonly phases: () => string[]
}

export interface Cluster {
  readonly place: Place
  readonly shell: PlaceShell
  readonly watch: PlaceWatch
  readonly submitter: JobSubmitter
  readonly supply: Supply
}

export function nodeOf(command: string, login: string | null = null): Cluster {
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
    watch: new PlaceWatch(shell, LOOK_MS),
    submitter: new JobSubmitter(shell),
    supply: new Supply()
  }
}

export function follow(
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

export async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    if (i > 800) throw new Error('It did not happen within 40 s.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
