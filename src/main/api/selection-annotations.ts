import type { ExampleSelection } from '../datasets'
import type { Workspace, WrittenOn } from '../runs'

/** Tags and notes by the rows of a selection; nothing of rows without any. */
export function selectionAnnotations(
  { trust: { annotations } }: Pick<Workspace, 'trust'>,
  ranges: ExampleSelection['ranges']
): ReadonlyMap<number, WrittenOn> {
  const written = new Map<number, WrittenOn>()
  let start = 0
  for (const { meta, from, to } of ranges) {
    for (const [row, here] of annotations.byRow(meta.id))
      if (row >= from && row < to) written.set(start + row - from, here)
    start += to - from
  }
  return written
}
