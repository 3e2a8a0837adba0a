import { randomBytes } from 'node:crypto'
import { Failure } from '../../../../shared/domain/failure'
import type { Place } from '../../../../shared/domain/place'
import { ORDER_FILE, WISH_FILE } from '../../protocol'
import type { RunOrderFile } from '../../protocol'
import { quoted, Unreachable } from '../place-shell'
import type { PlaceShell } from '../place-shell'
import { jobScript, sbatchOptions } from './job'

/** How long runs are waited for that are submitted together. */
const GATHER_MS = 50
/** Tasks of one array: Slurm's own default takes 1001. */
const MOST_TASKS = 1000
/** How the script below ends where Slurm cannot say what is in its queue. */
const SLURM_SILENT = 75

interface Asked {
  readonly order: RunOrderFile
  resolve(job: string): void
  reject(error: unknown): void
}

/** Submits runs of a login node. Those that come together, as of a sweep or a race, are one array: one sbatch for all. */
export class JobSubmitter {
  readonly #asked = new Map<string, { readonly place: Place; readonly runs: Asked[] }>()

  constructor(private readonly shell: PlaceShell) {}

  /** @returns the job of the run: its number, with that of its task in an array. @throws Failure, Unreachable */
  submit(place: Place, order: RunOrderFile): Promise<string> {
    return new Promise((resolve, reject) => {
      const key = JSON.stringify(place)
      const group = this.#asked.get(key) ?? { place, runs: [] }
      group.runs.push({ order, resolve, reject })
      if (group.runs.length === 1) setTimeout(() => void this.#send(key), GATHER_MS)
      this.#asked.set(key, group)
    })
  }

  async #send(key: string): Promise<void> {
    const group = this.#asked.get(key)
    this.#asked.delete(key)
    for (let at = 0; group && at < group.runs.length; at += MOST_TASKS) {
      const runs = group.runs.slice(at, at + MOST_TASKS)
      try {
        const jobs = await this.#submitAll(
          group.place,
          runs.map(({ order }) => order)
        )
        for (const { order, resolve, reject } of runs) {
          const job = jobs.get(order.run)
          if (job === undefined)
            reject(new Failure('refused', `sbatch gives run ${order.run} no job.`, 'Check the place.'))
          else resolve(job)
        }
      } catch (error) {
        for (const { reject } of runs) reject(error)
      }
    }
  }

  async #submitAll(place: Place, orders: readonly RunOrderFile[]): Promise<Map<string, string>> {
    const name = `bilevel-${randomBytes(4).toString('hex')}`
    const { code, stdout, stderr } = await this.shell.run(submissionScript(place, name), {
      input: orders.map((order) => `${order.run}\n${JSON.stringify(order)}\n`).join('')
    })
    if (code === SLURM_SILENT) throw new Unreachable('Slurm does not answer')
    this.shell.requireReached(code, stderr)
    if (code !== 0) {
      const said = stderr.trim().split('\n').at(-1)?.replace(/\.$/, '').slice(0, 300)
      throw new Failure('refused', `${place.name} refuses the job: ${said}.`, 'Check the place.')
    }
    const lines = stdout.toString().trim().split('\n')
    return new Map(
      lines.flatMap((line) => {
        const [, run, job] = /^(\S+) (\d+(?:_\d+)?)$/.exec(line) ?? []
        return run !== undefined && job !== undefined ? [[run, job]] : []
      })
    )
  }
}

/**
 * Reads runs with their orders, two lines each, and prints the job of each. Before anything is submitted each run's
 * folder says under which name and task that will be: a run whose job is still in the queue, because an answer or
 * whoever asked was lost, is given that job, and no second one. Files are written by cat, which says it when the disk is
 * full: shells speak of some error only.
 */
export function submissionScript(place: Place, name: string): string {
  const array = quoted(`arrays/${name}`)
  return `mkdir -p ${quoted(place.folder)} && cd ${quoted(place.folder)} || exit 1
jobs=$(squeue --me --array --noheader --format='%j|%i|%T' </dev/null 2>/dev/null) || exit ${SLURM_SILENT}
alive() {
  printf '%s\\n' "$jobs" | while IFS='|' read -r name id state; do
    [ "$name" = "$1" ] && [ "$state" != COMPLETING ] || continue
    case $id in *_*) [ "\${id##*_}" = "$2" ] || continue ;; esac
    echo "$id"
  done | head -n 1
}
n=0
while IFS= read -r run && IFS= read -r order; do
  mkdir -p "runs/$run" || exit 1
  rm -f "runs/$run/${WISH_FILE}"
  old=
  if [ -r "runs/$run/submission" ]; then
    read -r before task < "runs/$run/submission"
    old=$(alive "$before" "$task")
  fi
  if [ -n "$old" ]; then echo "$run $old"; continue; fi
  [ "$n" -gt 0 ] || mkdir -p ${array} || exit 1
  printf '%s\\n' "$order" | cat > "runs/$run/${ORDER_FILE}.part" && mv "runs/$run/${ORDER_FILE}.part" "runs/$run/${ORDER_FILE}" || exit 1
  printf '%s\\n' '${name} '"$n" | cat > "runs/$run/submission.part" && mv "runs/$run/submission.part" "runs/$run/submission" || exit 1
  printf '%s\\n' "$run" | cat >> ${array}/runs || exit 1
  n=$((n + 1))
done
[ "$n" -gt 0 ] || exit 0
cat > ${array}/job.sh <<'BILEVEL_JOB' || exit 1
${jobScript(place, name)}BILEVEL_JOB
tasks=; [ "$n" -gt 1 ] && tasks=--array=0-$((n - 1))
id=$(sbatch --parsable $tasks ${sbatchOptions(place, name).map(quoted).join(' ')} ${array}/job.sh </dev/null) || exit 1
id=\${id%%;*}; k=0
while IFS= read -r run; do
  if [ "$n" -gt 1 ]; then echo "$run \${id}_$k"; else echo "$run $id"; fi
  k=$((k + 1))
done < ${array}/runs
`
}
