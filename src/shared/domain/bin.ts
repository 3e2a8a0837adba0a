import * as z from 'zod'

/** What was removed is kept for so many days. */
export const BIN_DAYS = 30

/** A dataset or run that was removed, until the bin is emptied. */
export const binEntry = z.object({
  kind: z.enum(['dataset', 'run']),
  id: z.string(),
  name: z.string(),
  removedAt: z.iso.datetime()
})
export type BinEntry = z.infer<typeof binEntry>

/** What would miss a dataset. */
export const datasetUsers = z.object({
  /** Runs that wait, train or pause: they would fail. */
  live: z.array(z.object({ run: z.string(), name: z.string() })),
  /** Runs that have ended: their pictures, review and export would be gone. */
  ended: z.array(z.object({ run: z.string(), name: z.string() })),
  /** Names of datasets whose trusted examples are in this one. */
  trustedBy: z.array(z.string()),
  /** Names of its versions: they could no longer be compared with it. */
  versions: z.array(z.string())
})
export type DatasetUsers = z.infer<typeof datasetUsers>
