import * as z from 'zod'
import { job } from '../domain/job'
import { procedure } from './base'

const inputs = z.enum(['pictures', 'texts'])

/** An extractor that the workspace knows. */
export const listedExtractor = z.object({
  name: z.string(),
  inputs: z.array(inputs),
  bytes: z.number(),
  /** SHA-256 of its files when it was added. */
  hash: z.string(),
  folder: z.string(),
  url: z.string().optional(),
  /** Why it cannot be used. */
  problem: z.string().optional()
})
export type ListedExtractor = z.infer<typeof listedExtractor>

/** One that can be fetched when a person says so. */
export const availableExtractor = z.object({
  name: z.string(),
  input: inputs,
  text: z.string(),
  /** About. */
  bytes: z.number(),
  license: z.string(),
  url: z.string()
})

const lists = z.object({ known: z.array(listedExtractor), available: z.array(availableExtractor) })
export type ExtractorLists = z.infer<typeof lists>

const byName = z.object({ name: z.string() })

/** Pretrained models that make features of pictures and texts. None is fetched unless `fetch` is asked for it. */
export const extractors = {
  list: procedure.output(lists),
  /** Know a folder by a name; it stays where it is. */
  add: procedure.input(z.object({ folder: z.string().min(1), name: z.string().optional() })).output(lists),
  /** Download one of the available ones, as a job. */
  fetch: procedure.input(byName).output(job),
  /** Forget a name; the files of one that was fetched are deleted. */
  remove: procedure.input(byName).output(lists)
}
