import { quoted, Unreachable } from '../place-shell'
import type { PlaceShell } from '../place-shell'
import { isWaiting, JOBS_QUERY, jobsIn, pastIn, pastQuery, placesInQueue, QUEUE_QUERY } from './job'
import type { JobState } from './job'

/** Pauses between two looks: short while there is news, then longer and longer. */
const SHORTEST_MS = 1000
const LONGEST_MS = 15_000
/** How often to look who else waits, while a run of ours does. */
const QUEUE_MS = 30_000
/** Bytes of events that one look reads of an attempt, and of all. */
const MOST_READ = 1 << 20
const MOST_READ_OF_ALL = 32 << 20

/** How far a run's events have been read. */
export interface Cursor {
  readonly attempt: number
  /** Bytes of its file. */
  readonly offset: number
}

export interface Chunk extends Cursor {
  readonly bytes: Buffer
}

export interface Watched {
  readonly run: string
  readonly folder: string
  cursor(): Cursor
  /** Its job, while it has one. */
  job(): string | null
  /**
   * @param jobs undefined while Slurm does not answer
   * @param chunks what the run told since, by attempt
   */
  onLook(jobs: ReadonlyMap<string, JobState> | undefined, chunks: readonly Chunk[]): void
  onUnreachable(error: Error): void
}

/** Looks at all runs of a place with one command: the jobs' states by one query, and what each run told since. */
export class PlaceWatch {
  readonly #shell: PlaceShell
  readonly #shortestMs: number
  readonly #watched = new Map<string, Watched>()
  #timer: NodeJS.Timeout | undefined
  #pause: number
  #isLooking = false
  /** Who waited when that was looked at last. */
  #ahead: (job: string) => number | undefined = () => undefined
  #queueSeen = -Infinity
  #someWait = false

  constructor(shell: PlaceShell, shortestMs = SHORTEST_MS) {
    this.#shell = shell
    this.#shortestMs = shortestMs
    this.#pause = shortestMs
  }

  /** @returns how to leave */
  join(watched: Watched): () => void {
    this.#watched.set(watched.run, watched)
    this.hurry()
    return () => {
      this.#watched.delete(watched.run)
      if (this.#watched.size === 0) clearTimeout(this.#timer)
    }
  }

  /** Something was asked for: look again soon. */
  hurry(): void {
    this.#pause = this.#shortestMs
    if (!this.#isLooking) this.#next()
  }

  #next(): void {
    clearTimeout(this.#timer)
    if (this.#watched.size > 0) this.#timer = setTimeout(() => void this.#look(), this.#pause)
  }

  #withPlaces(known: ReadonlyMap<string, JobState>): Map<string, JobState> {
    const jobs = [...known].map(([id, job]): [string, JobState] => {
      return [id, isWaiting(job) ? { ...job, ahead: this.#ahead(id) } : job]
    })
    this.#someWait = jobs.some(([, job]) => isWaiting(job))
    return new Map(jobs)
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#pause = Math.min(LONGEST_MS, this.#pause * 1.3)
    const asked = [...this.#watched.values()]
    const wantsQueue = this.#someWait && performance.now() - this.#queueSeen > QUEUE_MS
    try {
      const { stdout } = await this.#shell.run(lookScript(asked, wantsQueue))
      const { jobs: known, queue, chunks } = parsedLook(stdout)
      if (queue !== undefined) {
        this.#ahead = placesInQueue(queue)
        this.#queueSeen = performance.now()
      }
      const jobs = known && this.#withPlaces(known)
      for (const one of asked) {
        const news = chunks.get(one.run) ?? []
        if (news.some(({ bytes }) => bytes.length > 0)) this.#pause = this.#shortestMs
        if (this.#watched.get(one.run) === one) one.onLook(jobs, news)
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      for (const one of asked) if (this.#watched.get(one.run) === one) one.onUnreachable(error)
    } finally {
      this.#isLooking = false
      this.#next()
    }
  }
}

/**
 * A command that prints the jobs, what accounting knows of those that squeue has forgotten, then of each run what it
 * told, each piece behind its length.
 */
function lookScript(
  runs: readonly Pick<Watched, 'run' | 'folder' | 'cursor' | 'job'>[],
  wantsQueue = false
): string {
  const followed = runs.flatMap((run) => run.job() ?? [])
  const calls = runs.map(({ run, folder, cursor }) => {
    const { attempt, offset } = cursor()
    return `look ${quoted(run)} ${quoted(folder)} ${attempt} ${offset}`
  })
  const most = Math.min(MOST_READ, Math.floor(MOST_READ_OF_ALL / Math.max(1, runs.length)))
  const queue = wantsQueue ? `tell queue "$(${QUEUE_QUERY} 2>/dev/null </dev/null)"` : ''
  return `tell() { printf '@%s %s\\n%s\\n' "$1" "$(printf '%s' "$2" | wc -c)" "$2"; }
jobs=$(${JOBS_QUERY} 2>/dev/null </dev/null) && {
  tell jobs "$jobs"
  gone=
  for j in ${followed.join(' ')}; do
    case "
$jobs" in *"
$j|"*) ;; *) gone="$gone\${gone:+,}$j" ;; esac
  done
  [ -n "$gone" ] && tell past "$(${pastQuery('$gone')} 2>/dev/null </dev/null)"
}
${queue}
look() {
  a=$3; o=$4
  while [ -d "$2/attempt-$a" ]; do
    f="$2/attempt-$a/events.ndjson"; s=0
    [ -f "$f" ] && s=$(wc -c < "$f")
    n=$((s - o)); [ "$n" -gt ${most} ] && n=${most}; [ "$n" -lt 0 ] && n=0
    echo "@events $1 $a $o $n"
    [ "$n" -gt 0 ] && tail -c "+$((o + 1))" "$f" | head -c "$n"
    echo
    [ $((o + n)) -lt "$s" ] && break
    a=$((a + 1)); o=0
  done
}
${calls.join('\n')}
`
}

/** What lookScript printed. Jobs are undefined where the query failed: then nothing is known of them. */
function parsedLook(output: Buffer): {
  jobs: Map<string, JobState> | undefined
  /** What QUEUE_QUERY printed, where it was asked for. */
  queue: string | undefined
  chunks: Map<string, Chunk[]>
} {
  let jobs: Map<string, JobState> | undefined
  let queue: string | undefined
  const chunks = new Map<string, Chunk[]>()
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(10, at)
    if (end < 0) break
    const [kind, ...words] = output.subarray(at, end).toString().trim().split(/\s+/)
    at = end + 1
    const length = Number(words.at(-1) ?? 0)
    if (kind === '@jobs' || kind === '@past' || kind === '@queue') {
      const text = output.subarray(at, at + length).toString()
      if (kind === '@jobs') jobs = jobsIn(text)
      else if (kind === '@queue') queue = text
      else for (const [id, job] of pastIn(text)) jobs?.set(id, job)
      at += length + 1
    } else if (kind === '@events') {
      const [run = '', attempt, offset] = words
      // A command that was cut off may have promised more than came.
      const bytes = output.subarray(at, at + length)
      chunks.set(run, [
        ...(chunks.get(run) ?? []),
        { attempt: Number(attempt), offset: Number(offset), bytes: Buffer.from(bytes) }
      ])
      at += length + 1
    }
  }
  return { jobs, queue, chunks }
}
