import { Failure } from '../../../../shared/domain/failure'
import type { Place } from '../../../../shared/domain/place'
import { FOLDER_EXIT, WISH_FILE } from '../../protocol'
import { quoted } from '../place-shell'
import type { PlaceShell } from '../place-shell'

/** Seconds before a job's time is over at which it is told to write its checkpoint. */
const WARNING_S = 120

/** Where a run's files are at a place. */
export function runFolder(place: Pick<Place, 'folder'>, run: string): string {
  return `${place.folder}/runs/${run}`
}

/**
 * The job of a run. Shortly before its time is over Slurm signals its shell alone (B:USR1); the run writes a checkpoint and
 * goes on in the same job, queued again, also while its owner sleeps. SIGTERM, as of scancel, is a pause and no more.
 */
export function jobScript(place: Place, run: string): string {
  const folder = runFolder(place, run)
  const options = [
    `--job-name=bilevel-${run}`,
    '--requeue',
    '--open-mode=append',
    `--output=${folder}/slurm.log`,
    `--signal=B:USR1@${WARNING_S}`,
    ...(place.partition === null ? [] : [`--partition=${place.partition}`]),
    ...(place.gres === null ? [] : [`--gres=${place.gres}`]),
    ...(place.time === null ? [] : [`--time=${place.time}`]),
    ...place.options
  ]
  return `#!/bin/sh
${options.map((option) => `#SBATCH ${option}`).join('\n')}
cd ${quoted(folder)} || exit 1
${place.command} train-run ${quoted(folder)} &
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

/** @returns the job's number. @throws Failure with what sbatch said, Unreachable */
export async function submit(shell: PlaceShell, place: Place, run: string): Promise<string> {
  const folder = runFolder(place, run)
  const said = await shell.must(
    `cd ${quoted(folder)} && rm -f ${WISH_FILE} && cat > job.sh && sbatch --parsable job.sh`,
    `sbatch refuses the job of run ${run}`,
    jobScript(place, run)
  )
  // With a cluster's name behind a semicolon.
  const job = /^(\d+)/.exec(said.trim())?.[1]
  if (job) return job
  throw new Failure('refused', `sbatch answers "${said.trim().slice(0, 200)}".`, 'Check the place.')
}

/** What Slurm knows of a job. */
export interface JobState {
  /** As squeue calls it: PENDING, RUNNING, COMPLETED, ... */
  readonly state: string
  readonly reason: string
  /** When it will likely start, as Slurm writes it; undefined where it does not say. */
  readonly start: string | undefined
}

/** For all jobs of the user at once, those that ended a moment ago too. */
export const JOBS_QUERY = `squeue --me --states=all --noheader --format='%i|%T|%r|%S'`

/** @param text what JOBS_QUERY printed */
export function jobsIn(text: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>()
  for (const line of text.split('\n')) {
    const [id, state, reason = '', start = ''] = line.trim().split('|')
    if (id && state && /^\d+$/.test(id))
      jobs.set(id, { state, reason, start: /^\d{4}-/.test(start) ? start : undefined })
  }
  return jobs
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

export function isWaiting({ state }: JobState): boolean {
  return WAITING.includes(state)
}

/** Whether something may still come of a job. */
export function isAlive(job: JobState): boolean {
  return isWaiting(job) || TRAINING.includes(job.state)
}
