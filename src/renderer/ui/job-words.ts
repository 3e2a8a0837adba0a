import { hasJobEnded } from '@shared/domain/job'
import type { Job } from '@shared/domain/job'
import { count, counted, duration } from '@shared/words/numbers'

/** What it works on, by its name of now. */
export function jobName({ title, result }: Job): string {
  return result?.type === 'dataset' ? result.name : title
}

/** What a job is about, in a few words. */
export function jobHeadline(job: Job): string {
  const { kind, state } = job
  const name = jobName(job)
  const failed = state === 'failed' || state === 'interrupted'
  if (kind === 'issues') {
    if (state === 'done') return `Issues of ${name} written`
    return failed ? `Issues of ${name} not written` : `Writing the issues of ${name}`
  }
  if (kind === 'fetch') {
    if (state === 'done') return `${name} fetched`
    return failed ? `${name} not fetched` : `Fetching ${name}`
  }
  if (kind === 'survey') {
    if (state === 'done') return `${name} looked through`
    return failed ? `${name} not looked through` : `Looking through ${name}`
  }
  const verb = kind === 'export' ? 'export' : 'import'
  if (state === 'done') return `${name} ${verb}ed`
  if (failed) return `${name} not ${verb}ed`
  return `${verb === 'export' ? 'Exporting' : 'Importing'} ${name}`
}

/** How far it is, or what came out. */
export function jobFacts({ state, place, progress, result, failure }: Job): string {
  if (state === 'waiting') return place === null ? 'waiting' : `waiting, ${ordinal(place)} in line`
  if (state === 'cancelling') return 'cancelling'
  if (state === 'running') return progressFacts(progress)
  if (failure) return failure.sentence
  if (result?.type === 'dataset') return counted(result.examples, 'example')
  if (result?.type === 'export') return `${counted(result.examples, 'example')}, read back and compared`
  if (result?.type === 'survey') return `${counted(result.found, 'example')} to look at`
  if (result?.type === 'extractor') return `SHA-256 ${result.hash.slice(0, 12)}`
  return result ? counted(result.fileCount, 'file') : ''
}

const DONE_VERBS: Readonly<Record<Job['kind'], string>> = {
  import: 'imported',
  sample: 'imported',
  export: 'exported',
  issues: 'issues written',
  fetch: 'fetched',
  survey: 'looked through'
}

/** The same where only the name of what it works on stands beside it. */
export function jobSideFacts(job: Job): string {
  const { kind, state } = job
  const verb = DONE_VERBS[kind]
  if (state === 'done') return `${verb} · ${jobFacts(job)}`
  return state === 'failed' || state === 'interrupted' ? `not ${verb}: ${jobFacts(job)}` : jobFacts(job)
}

/** "reading images · 42 % · 12 s left"; numbers stay on the line of their units. */
export function progressFacts(progress: Job['progress']): string {
  if (!progress) return 'starting'
  const { phase, done, total, secondsLeft } = progress
  const share = total
    ? `${Math.round((100 * Math.min(done, total)) / total)}\u00a0%`
    : done > 0
      ? count(done)
      : ''
  const left = secondsLeft === null ? '' : `${duration(secondsLeft)} left`.replaceAll(' ', '\u00a0')
  return [phase, share, left].filter((part) => part !== '').join(' · ')
}

/** From 0 to 1; null while it is not known. */
export function jobFraction(progress: { done: number; total: number | null } | null): number | null {
  return progress?.total ? Math.min(1, progress.done / progress.total) : null
}

/** The page that shows it, or what came out. */
export function jobRoute(job: Job): string {
  const { kind, subject, result } = job
  if (result?.type === 'dataset') return `/datasets/${result.dataset}`
  if (kind === 'sample') return '/datasets'
  if (kind === 'fetch') return '/system'
  if (kind === 'survey') return `/datasets/${subject.dataset}/findings`
  if (kind === 'import') return '/datasets/import'
  return subject.run === null ? `/datasets/${subject.dataset}/export` : `/runs/${subject.run}/export`
}

export function jobIcon({ state, kind }: Job): string {
  if (state === 'done') return 'pi-check-circle'
  if (hasJobEnded({ state })) return 'pi-exclamation-circle'
  if (kind === 'survey') return 'pi-search'
  return kind === 'import' || kind === 'sample' ? 'pi-upload' : 'pi-download'
}

function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${n}${ending}`
}
