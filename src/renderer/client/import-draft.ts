import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import * as z from 'zod'
import type { SourceChoice } from '@shared/contract'
import type { FailureData } from '@shared/domain/failure'
import type { Inspection } from '@shared/domain/inspection'
import type { ProgressFigures } from '@shared/domain/job'
import { counted } from '@shared/words/numbers'
import { bridge } from './bridge'
import { client } from './connection'
import { failureOf } from './failure'
import { keep, kept } from './kept'
import { randomId } from './random-id'
import { upload } from './uploads'
import type { UploadFile } from './uploads'

const keptDraft = z.object({
  choice: z.custom<SourceChoice>((value) => z.object({ source: z.string() }).safeParse(value).success),
  uploaded: z.string().optional(),
  job: z.string().optional()
})

type Sending = ProgressFigures & { readonly name: string }

/**
 * The import that is being put together in this window: the files being sent, the inspection, the options. It
 * outlives the page, and what was sent outlives a reload.
 */
export const useImportDraft = defineStore('import draft', () => {
  const choice = shallowRef<SourceChoice>()
  /** What was looked at last, whether it could be read or not. */
  const tried = shallowRef<SourceChoice>()
  const inspection = shallowRef<Inspection>()
  /** What was sent, until it is imported. */
  const uploaded = ref<string>()
  /** The job that imports it. */
  const job = ref<string>()
  /** The same for every press of the button: pressed twice, it is imported once. */
  let request = randomId()
  const { failure, looking, sending, committing, attempt, stop } = useAttempts()

  const look = (next: SourceChoice): Promise<void> =>
    attempt(async (signal) => {
      looking.value = true
      tried.value = next
      request = randomId()
      const seen = await client.datasets.inspect(next, { signal })
      if (signal.aborted) return
      inspection.value = seen
      choice.value = chosen(next, seen, choice.value)
    })

  async function take(files: readonly UploadFile[]): Promise<void> {
    const [first] = files
    if (!first) return
    const path = pathOf(first)
    if (path !== undefined) return look({ source: path })
    const name = nameOf(files)
    let source: string | undefined
    await attempt(async (signal) => {
      const onFigures = (figures: ProgressFigures): void => {
        if (!signal.aborted) sending.value = { name, ...figures }
      }
      const path = await send(files, signal, onFigures)
      if (signal.aborted) return
      source = path
      uploaded.value = name
    })
    if (source !== undefined) await look({ source })
  }

  /** @returns whether it has begun */
  async function commit(final: SourceChoice): Promise<boolean> {
    await attempt(async () => {
      committing.value = true
      choice.value = final
      job.value = (await client.jobs.import({ ...final, request })).id
    })
    return job.value !== undefined
  }

  function clear(): void {
    stop()
    choice.value = tried.value = undefined
    inspection.value = undefined
    failure.value = undefined
    uploaded.value = undefined
    job.value = undefined
  }

  /** The job ended without a dataset: back to what was chosen, with the reason. */
  async function reopen(reason: FailureData | undefined): Promise<void> {
    job.value = undefined
    request = randomId()
    if (!inspection.value && choice.value) await look(choice.value)
    failure.value ??= reason
  }

  const earlier = keptAcrossReloads({ choice, uploaded, job })
  tried.value = earlier?.choice
  if (earlier && !earlier.job) void look(earlier.choice)

  return {
    choice,
    tried,
    inspection,
    looking,
    failure,
    sending,
    uploaded,
    job,
    look,
    take,
    committing,
    commit,
    clear,
    reopen,
    stop,
    /** Its name in the workspace, before it is imported. */
    rename: renaming(choice)
  }
})

/** What is chosen once a source was looked at. */
function chosen(next: SourceChoice, seen: Inspection, before: SourceChoice | undefined): SourceChoice {
  // A name may have been typed meanwhile.
  if (before?.source === next.source) return { ...next, name: before.name }
  // What was exported from a dataset here is first taken for a version of it.
  return { versionOf: seen.exportOf?.[0]?.dataset, ...next }
}

function renaming(choice: ShallowRef<SourceChoice | undefined>): (name: string) => void {
  return (name) => {
    if (choice.value) choice.value = { ...choice.value, name: name.trim() || undefined }
  }
}

/** Fill in what was kept before a reload, and keep what becomes of it. */
function keptAcrossReloads(draft: {
  choice: ShallowRef<SourceChoice | undefined>
  uploaded: Ref<string | undefined>
  job: Ref<string | undefined>
}): z.infer<typeof keptDraft> | undefined {
  const { choice, uploaded, job } = draft
  const earlier = kept('import', keptDraft)
  if (earlier) {
    choice.value = earlier.choice
    uploaded.value = earlier.uploaded
    job.value = earlier.job
  }
  watch([choice, uploaded, job], () => {
    keep('import', choice.value && { choice: choice.value, uploaded: uploaded.value, job: job.value })
  })
  return earlier
}

/** One thing at a time is sent or looked at: the next stops the one before. */
function useAttempts(): {
  failure: ShallowRef<FailureData | undefined>
  looking: Ref<boolean>
  /** Between the wish to import and the answer that it has begun. */
  committing: Ref<boolean>
  /** Files on their way to the workbench. */
  sending: ShallowRef<Sending | undefined>
  attempt(act: (signal: AbortSignal) => Promise<void>): Promise<void>
  stop(): void
} {
  const failure = shallowRef<FailureData>()
  const looking = ref(false)
  const committing = ref(false)
  const sending = shallowRef<Sending>()
  let stopping: AbortController | undefined

  function rest(): void {
    sending.value = undefined
    looking.value = committing.value = false
  }

  async function attempt(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    failure.value = undefined
    stopping?.abort()
    const control = new AbortController()
    stopping = control
    try {
      await act(control.signal)
    } catch (error) {
      if (!control.signal.aborted) failure.value = failureOf(error)
    } finally {
      if (stopping === control) rest()
    }
  }

  function stop(): void {
    stopping?.abort()
    stopping = undefined
    rest()
  }

  const isSending = computed(() => sending.value !== undefined)
  // What is being sent is in this page: a reload would lose it.
  watch(isSending, (now) => {
    if (now) addEventListener('beforeunload', warn)
    else removeEventListener('beforeunload', warn)
  })
  return { failure, looking, sending, committing, attempt, stop }
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

/** What is sent, as a person calls it: its file, or the folder that its files lie in. */
function nameOf(files: readonly UploadFile[]): string {
  const tops = new Set(files.map(({ path }) => path.split('/')[0]!))
  return tops.size === 1 ? [...tops][0]! : counted(files.length, 'file')
}

/** Where what was chosen lies, in the desktop window; undefined in a browser, which does not tell. */
function pathOf({ file, path }: UploadFile): string | undefined {
  const full = bridge()?.pathOf(file)
  // A folder's files share its path: go up as many levels as the name inside has.
  const depth = path.split('/').length - 1
  return depth === 0 ? full : full?.split(/[/\\]/).slice(0, -depth).join('/')
}

/** @param onFigures from the first byte on @returns where the workbench keeps it */
async function send(
  files: readonly UploadFile[],
  signal: AbortSignal,
  onFigures: (figures: ProgressFigures) => void
): Promise<string> {
  onFigures({ phase: 'sending', done: 0, total: null, secondsLeft: null })
  const began = performance.now()
  return upload(files, {
    signal,
    onProgress: (done, total) => {
      const seconds = (performance.now() - began) / 1000
      const secondsLeft = seconds > 1 && done > 0 ? (seconds * (total - done)) / done : null
      onFigures({ phase: 'sending', done, total, secondsLeft })
    }
  })
}
