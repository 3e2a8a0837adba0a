import * as z from 'zod'

/** Examples to try the workbench with: digits ship with it, a table and texts are made on the spot. */
export const sampleKind = z.enum(['digits', 'table', 'texts'])
export type SampleKind = z.infer<typeof sampleKind>
