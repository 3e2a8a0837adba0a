/** Before so many seconds, or so large a share, nothing is forecast: what begins slowly would seem to take minutes. */
const SOON = 1
const SURE = 10
const SHARE = 0.05

/** Seconds that work takes on, by the share that is done; undefined while that cannot be said. */
export function secondsLeft(seconds: number, share: number): number | undefined {
  if (share <= 0 || seconds <= SOON || (seconds < SURE && share < SHARE)) return undefined
  return (seconds * (1 - share)) / share
}
