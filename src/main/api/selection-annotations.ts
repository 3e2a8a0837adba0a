import type { ExampleSelection } from '../datasets'
import type { Workspace } from '../runs'

/** What people wrote on one example. */
export interface WrittenOn {
  readonly tags: readonly string[]
  /** Empty where there is none. */
  readonly note: string
}

/** Tags and notes by the rows of a selection; nothing of rows without any. */
export function selectionAnnotations(
  { trust: { annotations } }: Pick<Workspace, 'trust'>,
  ranges: ExampleSelection['ranges']
): ReadonlyMap<number, WrittenOn> {
  const written = new Map<number, WrittenOn>()
  let start = 0
  for (const { meta, from, to } of ranges) {
    const notes = new Map(annotations.notes(meta.id).map(({ row, note }) => [row, note]))
    const tags = new Map<number, string[]>()
    for (const { row, tag } of annotations.tagged(meta.id)) tags.set(row, [...(tags.get(row) ?? []), tag])
    for (const row of new Set([...notes.keys(), ...tags.keys()])) {
      if (row < from || row >= to) continue
      written.set(start + row - from, {
        tags: tags.get(row) ?? [],
        note: notes.get(row) ?? ''
      })
    }
    start += to - from
  }
  return written
}
