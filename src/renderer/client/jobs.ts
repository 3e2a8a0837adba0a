import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive, shallowRef } from 'vue'
import * as z from 'zod'
import { hasJobEnded } from '@shared/domain/job'
import type { Job } from '@shared/domain/job'
import { client } from './connection'
import { keep, kept } from './kept'

/** Before the stream is opened again after it broke. */
const PAUSE_MS = 500

/** Imports and exports of the workbench; the server's stream is the only writer. */
export const useJobs = defineStore('jobs', () => {
  const jobs = shallowRef<readonly Job[]>([])
  const known = shallowRef(false)
  /** What a page shows now needs no notice. */
  const shown = new Set<(job: Job) => boolean>()
  const seen = shallowReactive(new Set(kept('jobs seen', z.array(z.string()))))

  const active = computed(() => jobs.value.filter((job) => !hasJobEnded(job)))
  /** Ended and not dismissed. Who cancelled a job knows it. */
  const ended = computed(() => jobs.value.filter((job) => hasJobEnded(job) && job.state !== 'cancelled'))
  /** Ended unseen. */
  const notices = computed(() => ended.value.filter(({ id }) => !seen.has(id)))

  function noteShown(): void {
    const fresh = ended.value.filter((job) => !seen.has(job.id) && [...shown].some((isShown) => isShown(job)))
    for (const { id } of fresh) seen.add(id)
    if (fresh.length > 0) keep('jobs seen', [...seen])
  }

  function replace(next: readonly Job[]): void {
    jobs.value = next
    noteShown()
  }

  async function follow(): Promise<never> {
    for (;;) {
      try {
        for await (const news of await client.jobs.watch()) {
          known.value = true
          if (news.type === 'all') replace(news.jobs)
          else replace(merged(jobs.value, news.jobs, news.gone))
        }
      } catch {
        // Lost with the connection; the frame of the window says so.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
  void follow()

  return {
    jobs,
    /** Whether the list has come. */
    known,
    active,
    ended,
    notices,
    /** The calling component shows these jobs and their ends itself, as long as it lives. */
    show(isShown: (job: Job) => boolean): void {
      shown.add(isShown)
      noteShown()
      onScopeDispose(() => shown.delete(isShown))
    },
    find: (id: string | undefined): Job | undefined => jobs.value.find((job) => job.id === id),
    cancel: (id: string): Promise<unknown> => client.jobs.cancel({ job: id }).catch(() => undefined),
    dismiss: (id: string): Promise<unknown> => client.jobs.dismiss({ job: id }).catch(() => undefined)
  }
})

/** Changed jobs in their places, new ones at the end, without those that are gone. */
function merged(jobs: readonly Job[], changed: readonly Job[], gone: readonly string[]): Job[] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  for (const job of changed) byId.set(job.id, job)
  for (const id of gone) byId.delete(id)
  return [...byId.values()]
}
