import type { Place } from '../../../../shared/domain/place'
import { FOLDER_EXIT, WISH_FILE } from '../../protocol'
import { quoted } from '../place-shell'

/** Seconds before a job's time is over at which it is told to write its checkpoint. */
const WARNING_S = 120

/** Where a run's files are at a place. */
export function runFolder(place: Pick<Place, 'folder'>, run: string): string {
  return `${place.folder}/runs/${run}`
}

/** What sbatch is given for the runs that were submitted under one name. */
export function sbatchOptions(place: Place, name: string): string[] {
  return [
    `--job-name=${name}`,
    '--requeue',
    '--open-mode=append',
    `--output=${place.folder.replaceAll('%', '%%')}/arrays/${name}/%j.log`,
    `--signal=B:USR1@${WARNING_S}`,
    ...(place.partition === null ? [] : [`--partition=${place.partition}`]),
    ...(place.gres === null ? [] : [`--gres=${place.gres}`]),
    ...(place.time === null ? [] : [`--time=${place.time}`]),
    ...place.options
  ]
}

/**
 * The job of a run, or of many as tasks of an array. Shortly before its time is over Slurm signals its shell alone
 * (B:USR1); the run writes a checkpoint and goes on in the same job, queued again, also while its owner sleeps. SIGTERM,
 * as of scancel, is a pause and no more.
 */
export function jobScript(place: Place, name: string): string {
  return `#!/bin/sh
cd ${quoted(place.folder)} || exit 1
run=$(sed -n "$((\${SLURM_ARRAY_TASK_ID:-0} + 1))p" ${quoted(`arrays/${name}/runs`)})
[ -n "$run" ] && cd "runs/$run" || exit 1
exec >> slurm.log 2>&1
${place.command} train-run ${quoted(`${place.folder}/runs`)}"/$run" &
training=$!; late=0
trap 'kill -TERM "$training" 2>/dev/null' TERM INT HUP
trap 'late=1; kill -TERM "$training" 2>/dev/null' USR1
# The first wait ends with the signal, the second with the process.
wait "$training"; code=$?
while kill -0 "$training" 2>/dev/null; do wait "$training"; code=$?; done
if [ "$code" = ${FOLDER_EXIT.paused} ] && [ "$late" = 1 ] && [ ! -e ${WISH_FILE} ]; then
  scontrol requeue "$SLURM_JOB_ID" && sleep 60
fi
exit "$code"
`
}

/** What Slurm knows of a job. */
export interface JobState {
  /** As squeue calls it: PENDING, RUNNING, COMPLETED, ... */
  readonly state: string
  readonly reason: string
  /** When it will likely start, as Slurm writes it; undefined where it does not say. */
  readonly start: string | undefined
  /** How many wait before it in its partition, where that was looked at. */
  readonly ahead?: number
}

/** For all jobs of the user at once, tasks of arrays too, and those that ended a moment ago. */
export const JOBS_QUERY = `squeue --me --states=all --array --noheader --format='%i|%T|%r|%S'`

/** All that waits, of everybody, the next one first; an array is one line. */
export const QUEUE_QUERY = `squeue --states=PENDING --noheader --sort=-p,i --format='%P|%i'`

/** What accounting remembers of jobs that squeue has forgotten. @param jobs shell words, parted by commas */
export const pastQuery = (jobs: string): string =>
  `sacct --noheader --parsable2 --allocations --jobs="${jobs}" --format=JobID,State`

const JOB = /^\d+(_\d+)?$/

/** @param text what JOBS_QUERY printed */
export function jobsIn(text: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>()
  for (const line of text.split('\n')) {
    const [id, state, reason = '', start = ''] = line.trim().split('|')
    if (id && state && JOB.test(id))
      jobs.set(id, { state, reason, start: /^\d{4}-/.test(start) ? start : undefined })
  }
  return jobs
}

/** @param text what pastQuery printed: `12_3|CANCELLED by 1000` */
export function pastIn(text: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>()
  for (const line of text.split('\n')) {
    const [id, said = ''] = line.trim().split('|')
    const [state = ''] = said.split(' ')
    if (id && state && JOB.test(id)) jobs.set(id, { state, reason: '', start: undefined })
  }
  return jobs
}

/**
 * How many wait before each job, in its partition.
 * @param text what QUEUE_QUERY printed; tasks of an array stand in one line: `main|12_[3-5,8%2]`
 */
export function placesInQueue(text: string): (job: string) => number | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim().split('|'))
    .filter(([, id]) => id !== undefined)
  return (job) => {
    const [array] = job.split('_')
    const at = lines.findIndex(([, id = '']) => id === job || id.startsWith(`${array}_[`))
    if (at < 0) return undefined
    return lines.slice(0, at).filter(([partition]) => partition === lines[at]?.[0]).length
  }
}

const WAITING = [
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD'
]
const TRAINING = ['RUNNING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT', 'RESIZING']

export function isArrayTask(job: string | null): boolean {
  return job?.includes('_') ?? false
}

export function isWaiting({ state }: JobState): boolean {
  return WAITING.includes(state)
}

/** Whether something may still come of a job. */
export function isAlive(job: JobState): boolean {
  return isWaiting(job) || TRAINING.includes(job.state)
}
