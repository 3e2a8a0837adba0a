import type { TaskRun } from './task-run'

/** Share of a run's time that goes into its checkpoints, and the most seconds between two that may come of it. */
const SHARE = 0.01
const LONGEST = 30

/**
 * Which of the moments at which a run could keep its state it does. A small network's epoch lasts a fraction of a
 * second: writing the state after each takes longer than ten of its steps, and nobody needs to go on from so near.
 */
export class CheckpointPace {
  #due = -Infinity

  constructor(private readonly run: Pick<TaskRun, 'seconds'>) {}

  /** Save if it is time for it again. */
  async offer(save: () => Promise<void>): Promise<void> {
    const begun = this.run.seconds()
    if (begun < this.#due) return
    await save()
    const ended = this.run.seconds()
    this.#due = ended + Math.min((ended - begun) / SHARE, LONGEST)
  }
}
