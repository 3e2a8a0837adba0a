import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { client, failureOf, signed } from '@renderer/client'
import type { Annotations } from '@shared/domain/annotation'
import type { FailureData } from '@shared/domain/failure'

/** After a stream was lost, over a connection that may come back. */
const AGAIN_MS = 500
const NONE: Annotations = { tags: [], notes: [], questions: [] }

export interface DatasetAnnotations {
  readonly annotations: Readonly<ShallowRef<Annotations>>
  /** Names of all tags. */
  readonly names: ComputedRef<string[]>
  tagsOf(row: number): string[]
  noteOf(row: number): Annotations['notes'][number] | undefined
  readonly failure: ShallowRef<FailureData | undefined>
  tag(rows: readonly number[], change: { add?: string[]; remove?: string[] }): Promise<void>
  note(row: number, note: string): Promise<void>
  saveQuestion(name: string, where: string | null): Promise<void>
}

/** Tags, notes and questions of a dataset as they stand, whoever writes them; nothing while there is no dataset. */
export function useAnnotations(dataset: () => string | undefined): DatasetAnnotations {
  const annotations = shallowRef<Annotations>(NONE)
  const failure = shallowRef<FailureData>()
  const names = computed(() => annotations.value.tags.map(({ tag }) => tag))
  const byRow = computed(() => {
    const found = new Map<number, string[]>()
    for (const { tag, rows } of annotations.value.tags)
      for (const row of rows) found.set(row, [...(found.get(row) ?? []), tag])
    return found
  })
  const notes = computed(() => new Map(annotations.value.notes.map((note) => [note.row, note])))
  let leaving: AbortController | undefined

  async function follow(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const news of await client.annotations.watch({ dataset: id }, { signal }))
          annotations.value = news
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }
  watch(
    dataset,
    (id) => {
      leaving?.abort()
      annotations.value = NONE
      if (id === undefined) return
      leaving = new AbortController()
      void follow(id, leaving.signal)
    },
    { immediate: true }
  )
  onScopeDispose(() => leaving?.abort())

  async function attempt(act: (dataset: string) => Promise<unknown>): Promise<void> {
    const id = dataset()
    if (id === undefined) return
    failure.value = undefined
    try {
      await act(id)
    } catch (error) {
      failure.value = failureOf(error)
    }
  }
  return {
    annotations,
    names,
    failure,
    tagsOf: (row) => byRow.value.get(row) ?? [],
    noteOf: (row) => notes.value.get(row),
    tag: (rows, change) =>
      attempt((id) => client.annotations.tag({ dataset: id, rows: [...rows], ...change, ...signed() })),
    note: (row, note) => attempt((id) => client.annotations.note({ dataset: id, row, note, ...signed() })),
    saveQuestion: (name, where) =>
      attempt((id) => client.annotations.saveQuestion({ dataset: id, name, where }))
  }
}
