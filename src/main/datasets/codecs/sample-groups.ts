import type { ByteReader } from '../../file-formats/byte-reader'
import type { SampleExample } from './codec'

/** Splits in files of their own, read one after the other. */
interface SampledGroup {
  readonly count: number
  readonly split?: string | undefined
}

/**
 * The first examples of each group, as many of each.
 * @param open the pictures of a group, closed here
 * @param next the next one's features
 */
export async function sampleGroups<Group extends SampledGroup>(
  groups: readonly Group[],
  most: number,
  open: (group: Group) => Promise<ByteReader>,
  next: (reader: ByteReader, group: Group) => Promise<SampleExample['features']>,
  of: {
    readonly shape: SampleExample['shape']
    readonly classNames: readonly string[]
    readonly labels: Int32Array
  }
): Promise<SampleExample[]> {
  const samples: SampleExample[] = []
  let before = 0
  for (const group of groups) {
    const wanted = Math.min(group.count, Math.floor(most / groups.length))
    const reader = await open(group)
    try {
      for (let i = 0; i < wanted; i++) {
        const label = of.classNames[of.labels[before + i]!]
        samples.push({ features: await next(reader, group), shape: of.shape, label, split: group.split })
      }
    } finally {
      reader.close()
    }
    before += group.count
  }
  return samples
}
