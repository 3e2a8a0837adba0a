import * as z from 'zod'

/** What there is to be seen of an example. */
export const pictureFacts = z.object({
  /** Pixels that runs on pixels learn from; null for examples that are no pictures. */
  model: z.object({ width: z.int(), height: z.int(), channels: z.int() }).nullable(),
  /** The file that it was imported from, as it is shown: the camera's orientation applied. */
  original: z
    .object({ width: z.int(), height: z.int(), format: z.string(), bytes: z.int().nonnegative() })
    .nullable(),
  /** Why there is no original where pixels were resized: never kept, or not where it was imported from any more. */
  missing: z.enum(['not kept', 'gone']).nullable()
})
export type PictureFacts = z.infer<typeof pictureFacts>
