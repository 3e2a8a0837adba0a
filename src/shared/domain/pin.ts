import * as z from 'zod'

/** Fields of a spec that name one file or folder that is no dataset. */
export const PINNED_FILES = ['truth', 'features', 'startFrom'] as const
export type PinnedFile = (typeof PINNED_FILES)[number]

/**
 * What a name in a spec stood for when its run was created. Names are for people and may be given anew; a run
 * opens what its pins say.
 */
export const pin = z.object({
  /** As written in the reference. */
  source: z.string(),
  /** Id of the dataset in the workspace; null for a path or a bundled sample. */
  dataset: z.string().nullable(),
  /** SHA-256 of the content, hexadecimal. */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Version of the label corrections; null for none. */
  corrections: z.string().nullable().default(null),
  /** Version of the rows that people left out; absent for none. */
  leftOut: z.string().optional(),
  /** The field that names a file; absent for data. */
  file: z.enum(PINNED_FILES).optional()
})
export type Pin = z.infer<typeof pin>

/** The pin of a source of data. */
export function pinOf(pins: readonly Pin[] | undefined, source: string): Pin | undefined {
  return pins?.find((pin) => pin.file === undefined && pin.source === source)
}

/** The pin of a file that a field of a spec names. */
export function pinOfFile(
  pins: readonly Pin[] | undefined,
  field: PinnedFile,
  source: string
): Pin | undefined {
  return pins?.find((pin) => pin.file === field && pin.source === source)
}

/** Fields of a spec that name data. */
export const DATA_FIELDS = ['train', 'trusted', 'validation', 'test'] as const
