import * as z from 'zod'
import { exampleShape } from './dataset'

/** Counts that the dataset page and `datasets show` present. */
export const datasetSummary = z.object({
  count: z.int().nonnegative(),
  shape: exampleShape,
  classes: z.array(z.object({ name: z.string(), count: z.int().nonnegative() })),
  /** One entry a split; one unnamed entry (null) for a dataset without splits. */
  splits: z.array(
    z.object({
      name: z.string().nullable(),
      count: z.int().nonnegative(),
      /** Examples of each class, in the order of classes. */
      classCounts: z.array(z.int().nonnegative())
    })
  ),
  /** Examples whose given label differs from the true one; null where the truth is unknown. */
  wrongLabels: z.int().nonnegative().nullable(),
  /** Bytes on disk in the workspace. */
  bytes: z.number().nonnegative()
})
export type DatasetSummary = z.infer<typeof datasetSummary>
