import type { TaskRun } from './task-run'

/** A part of a task: what is being done, as a short clause, and its cost in any unit that all parts share. */
export interface Phase {
  readonly text: string
  readonly cost: number
  /** How many examples its trainings pass over, where that is not what its cost is counted in. */
  readonly examples?: number | undefined
  /** What of its cost a run whose time is limited keeps time for, while it is in an earlier part; all where left out. */
  readonly needed?: number | undefined
}

/** Progress is told at most this often, in seconds. */
const PAUSE = 0.1
/** Below this fraction the time that is left cannot be known. */
const TELLING = 0.02
/** Of a phase: from here on its own pace tells better than that of the phases before. */
const OWN_PACE = 0.1
/** Phases reach this fraction; the rest is for writing what came out, so that nothing is said to be done before it is. */
export const BEFORE_WRITING = 0.98

/** Tells how far a task is and how long it will take, from the costs of its phases; it never goes back. */
export class PhaseProgress<Name extends string> {
  readonly #run: Pick<TaskRun, 'emit' | 'seconds' | 'limit'>
  readonly #phases: Readonly<Record<Name, Phase>>
  readonly #total: number
  #name: Name | undefined
  #before = 0
  #furthest = 0
  /** When the phase began, and how far it was then. */
  #since = { seconds: 0, fraction: 0 }
  /** Examples that trainings of this phase have passed over. */
  #passed = 0
  /** Cost of the phases that are over, as far as they came, and how far this one is. */
  #worked = 0
  #within = 0
  #lastReport = -Infinity

  /** @param phases in the order in which they come */
  constructor(run: Pick<TaskRun, 'emit' | 'seconds' | 'limit'>, phases: Readonly<Record<Name, Phase>>) {
    this.#run = run
    this.#phases = phases
    this.#total = this.#costUntil(undefined)
  }

  /** The phase the task is in. */
  get phase(): Name | undefined {
    return this.#name
  }

  /** Begin a phase, or tell of one at once; parameters as of report. */
  enter(name: Name, fraction = 0, text?: string): void {
    if (this.#name !== undefined && this.#name !== name) {
      this.#worked += this.#within * this.#phases[this.#name].cost
      this.#within = 0
    }
    this.#name = name
    this.#before = this.#costUntil(name)
    const { cost, examples = cost } = this.#phases[name]
    this.#passed = fraction * examples
    this.#since = { seconds: this.#run.seconds(), fraction }
    this.#lastReport = -Infinity
    this.report(fraction, text)
  }

  /**
   * @param fraction of the phase, 0..1
   * @param text what is being done, where the phase knows it better
   */
  report(fraction: number, text?: string): void {
    if (this.#name === undefined) return
    const seconds = this.#run.seconds()
    const within = Math.min(Math.max(fraction, 0), 1)
    this.#within = within
    if (seconds - this.#lastReport < PAUSE) return
    this.#lastReport = seconds
    this.#keepBack()
    const { text: usual, cost } = this.#phases[this.#name]
    const done = (this.#before + within * cost) / this.#total
    this.#furthest = Math.min(Math.max(this.#furthest, done), 1)
    const progress = {
      phase: text ?? usual,
      fraction: BEFORE_WRITING * this.#furthest,
      seconds,
      secondsLeft: this.#secondsLeft(fraction, within, seconds)
    }
    this.#run.emit({ type: 'progress', ...progress })
  }

  /**
   * What is left of this phase at its own pace, once that shows, and the phases after it at the pace so far. Undefined
   * while too little is done, and of a phase that takes longer than its cost: nobody knows then.
   */
  #secondsLeft(fraction: number, within: number, seconds: number): number | undefined {
    if (this.#furthest <= TELLING || fraction > 1 || this.#name === undefined) return undefined
    const usual = seconds / (this.#furthest * this.#total)
    const { cost } = this.#phases[this.#name]
    const own = within - this.#since.fraction
    const pace = own >= OWN_PACE && cost > 0 ? (seconds - this.#since.seconds) / (own * cost) : usual
    const after = Math.max(0, this.#total - this.#before - cost)
    return (1 - within) * cost * pace + after * usual
  }

  /** Of a phase that is counted in examples: so many more have been passed over. */
  pass(count: number): void {
    this.#passed += count
    if (this.#name === undefined) return
    const { cost, examples = cost } = this.#phases[this.#name]
    this.report(this.#passed / Math.max(examples, 1))
  }

  /** Seconds that passing over so many examples takes in this phase, at the pace so far; as its cost says before that shows. */
  secondsToPass(count: number): number {
    if (this.#name === undefined) return 0
    const { cost, examples = cost } = this.#phases[this.#name]
    return (count / Math.max(examples, 1)) * cost * (this.#pace() ?? 1)
  }

  /** Of a limited run, the time that the phases after this one need. */
  #keepBack(): void {
    const pace = this.#pace()
    if (!this.#run.limit || pace === undefined) return
    const names = Object.keys(this.#phases) as Name[]
    const after = names.slice(names.indexOf(this.#name!) + 1)
    const needed = after.reduce((total, name) => {
      const { cost, needed: own = cost } = this.#phases[name]
      return total + own
    }, 0)
    this.#run.limit.keepBack(needed * pace)
  }

  /** Seconds of a unit of cost, by what has been worked off; undefined where that is too little to tell. */
  #pace(): number | undefined {
    if (this.#name === undefined) return undefined
    const worked = this.#worked + this.#within * this.#phases[this.#name].cost
    return worked > TELLING * this.#total ? this.#run.seconds() / worked : undefined
  }

  /** Costs of the phases before this one; of all of them without one. */
  #costUntil(name: Name | undefined): number {
    let total = 0
    for (const [each, { cost }] of Object.entries<Phase>(this.#phases)) {
      if (each === name) break
      total += cost
    }
    return total
  }
}
