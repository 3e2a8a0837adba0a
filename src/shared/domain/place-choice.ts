import type { Estimate } from './estimate'

/** From so many runs on, or so many seconds of training here, a place is proposed. */
const MANY_RUNS = 10
const LONG_SECONDS = 1800

export interface PlaceProposal {
  /** Undefined: this machine. */
  readonly place: string | undefined
  /** Why, as the end of "Proposed, since ...". */
  readonly why: string
}

/**
 * Where runs are best trained: small ones here, where nothing is sent or waited for; many, long ones and those that do
 * not fit at the first place.
 * @param places their names
 * @param runs how many would be started together
 */
export function proposePlace(
  places: readonly string[],
  runs: number,
  estimate: Pick<Estimate, 'seconds' | 'memoryMiB' | 'freeMiB'> | null | undefined
): PlaceProposal {
  const [place] = places
  const { seconds = null, memoryMiB = null, freeMiB = 0 } = estimate ?? {}
  if (memoryMiB !== null && memoryMiB > freeMiB)
    return { place, why: 'it needs more memory than is free here' }
  if (runs >= MANY_RUNS) return { place, why: `${runs} runs train there side by side` }
  if (seconds !== null && seconds * runs > LONG_SECONDS) return { place, why: 'it would take long here' }
  return { place: undefined, why: runs > 1 ? 'they are few and small' : 'it is small' }
}
