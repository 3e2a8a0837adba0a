/** How far a run at a place has been followed; kept with the run, so that whoever follows it next goes on from there. */
export interface Placement {
  /** Its job, once it was submitted. */
  readonly job: string | null
  readonly attempt: number
  /** Bytes read of that attempt's events. */
  readonly offset: number
  /** Jobs in a row that ended without a new checkpoint. */
  readonly deaths: number
}

export const UNPLACED: Placement = { job: null, attempt: 1, offset: 0, deaths: 0 }
