import type { RunRecord } from '../../../shared/domain/run'
import type { RunFeed } from '../../runs'

/** What the system shows of a program that nobody looks at. */
export interface SystemSignals {
  /** Whether a person looks at the window now. */
  readonly isSeen: boolean
  notify(title: string, body: string, route: string): void
  /** Runs that have ended unseen. */
  setBadge(count: number): void
  /** 0 to 1 of the run that trains, null when none does or it does not say. */
  setProgress(fraction: number | null): void
  keepAwake(wanted: boolean): void
}

const TRAINING: readonly string[] = ['running', 'pausing']

/** Tell the system of runs: one that trains, one that has ended or failed while nobody looked. */
export class RunSignals {
  readonly #feed: Pick<RunFeed, 'join' | 'all'>
  readonly #signals: SystemSignals
  readonly #leave: () => void
  /** States when they were looked at last, by id. */
  #before = new Map<string, string>()
  #unseen = 0

  constructor(feed: Pick<RunFeed, 'join' | 'all'>, signals: SystemSignals) {
    this.#feed = feed
    this.#signals = signals
    this.#leave = feed.join(() => this.#look())
    this.#look()
  }

  /** A person looks at the window. */
  seen(): void {
    this.#unseen = 0
    this.#signals.setBadge(0)
  }

  close(): void {
    this.#leave()
    this.#signals.setProgress(null)
    this.#signals.keepAwake(false)
  }

  #look(): void {
    const runs = this.#runs()
    if (!runs) return
    for (const run of runs) {
      const hasTrained = TRAINING.includes(this.#before.get(run.id) ?? '')
      if (hasTrained && (run.state === 'done' || run.state === 'failed')) this.#tellEnd(run)
    }
    this.#before = new Map(runs.map(({ id, state }) => [id, state]))
    const training = runs.find(({ state }) => TRAINING.includes(state))
    this.#signals.setProgress(training?.fraction ?? null)
    this.#signals.keepAwake(training !== undefined)
  }

  /** @returns undefined where the workspace cannot be read for a moment: the window says so */
  #runs(): readonly RunRecord[] | undefined {
    try {
      return this.#feed.all().runs
    } catch {
      return undefined
    }
  }

  #tellEnd({ id, name, state, failure }: RunRecord): void {
    if (this.#signals.isSeen) return
    this.#signals.setBadge(++this.#unseen)
    const [title, body] =
      state === 'failed' ? ['A run has failed', failure?.sentence ?? name] : ['A run has ended', name]
    this.#signals.notify(title, body, `/runs/${id}`)
  }
}
