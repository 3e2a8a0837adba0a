import { WAITING_AT_PLACE } from '../../../../shared/domain/run'
import { ordinal } from '../../../../shared/words/numbers'
import { DiskFull } from '../place-shell'
import type { JobState } from './job'

/** Why a run has not begun yet, as a phase. @param job as Slurm tells of it, once it does */
export function waitingWords(place: string, job?: JobState): string {
  const waiting = `${WAITING_AT_PLACE} at ${place}`
  if (!job) return waiting
  const { reason, start, ahead } = job
  const facts = [
    ...(ahead === undefined ? [] : [`${ordinal(ahead + 1)} in the queue`]),
    ...(start === undefined ? [] : [`starts about ${momentOf(start)}`])
  ]
  return `${waiting}${facts.length > 0 ? `: ${facts.join(', ')}` : ''} (${reason})`
}

/** Why nothing is heard of a run. @param since the hour */
export function unreachableWords(
  place: string,
  error: Error,
  { since, hasJob }: { readonly since: string; readonly hasJob: boolean }
): string {
  if (error instanceof DiskFull) {
    const whose = error.where === 'here' ? 'this machine' : place
    return `waiting for room: the disk of ${whose} is full since ${since}`
  }
  // Nothing is known of the run, so nothing is said of it but whether it may be there at all.
  const then = hasJob ? 'the run goes on there' : 'it is tried again'
  return `${place} cannot be reached since ${since} (${error.message}); ${then}`
}

/** As Slurm writes it, in its own time: the hour today, the date too on another day. */
function momentOf(start: string): string {
  const today = new Date().toLocaleDateString('sv')
  return start.startsWith(today) ? start.slice(11, 16) : start.slice(0, 16).replace('T', ' ')
}
