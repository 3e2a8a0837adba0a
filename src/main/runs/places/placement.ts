import type { Place } from '../../../shared/domain/place'

/** How far a run at a place has been followed; kept with the run, so that whoever follows it next goes on from there. */
export interface Placement {
  /** Its job, once it was submitted. */
  readonly job: string | null
  readonly attempt: number
  /** Bytes read of that attempt's events. */
  readonly offset: number
  /** Jobs in a row that ended without a new checkpoint. */
  readonly deaths: number
  /** The place as it was when the run was first submitted: its folder there stays, whatever becomes of the place. */
  readonly at?: Place
}

export const UNPLACED: Placement = { job: null, attempt: 1, offset: 0, deaths: 0 }
