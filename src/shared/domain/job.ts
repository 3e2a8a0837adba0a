import * as z from 'zod'
import { datasetFormat } from './dataset'
import { failureSchema } from './run'

/** Long acts that the main process carries out on its own: they outlive the page that asked for them. */
export const JOB_KINDS = ['import', 'sample', 'export', 'issues', 'fetch', 'survey'] as const
/** What a job that fetches the libraries for NVIDIA cards works on. */
export const PACK_TITLE = 'libraries for NVIDIA cards'
export type JobKind = (typeof JOB_KINDS)[number]

/** `interrupted`: the workbench ended before the job did. */
export const JOB_STATES = [
  'waiting',
  'running',
  'cancelling',
  'done',
  'failed',
  'cancelled',
  'interrupted'
] as const
export type JobState = (typeof JOB_STATES)[number]

/** Files of an export that a result names; the others are in its manifest.json. */
export const NAMED_FILES = 12

/** How far a long act is. */
export const progressFigures = z.object({
  /** A short clause: "reading images". */
  phase: z.string(),
  done: z.number(),
  /** Unknown at first for some sources. */
  total: z.number().nullable(),
  secondsLeft: z.number().nullable()
})
export type ProgressFigures = z.infer<typeof progressFigures>

/** What came out, small enough to be sent to every reader: long lists stay in the files. */
export const jobResult = z.discriminatedUnion('type', [
  z.object({ type: z.literal('dataset'), dataset: z.string(), name: z.string(), examples: z.int() }),
  z.object({
    type: z.literal('export'),
    out: z.string(),
    format: datasetFormat,
    examples: z.int(),
    kept: z.int(),
    relabelled: z.int(),
    /** Of the relabelled: corrected while trusted examples were marked. */
    corrected: z.int().default(0),
    dropped: z.int(),
    /** The dataset that it can become a version of; null where its source is none of this workspace. */
    of: z.object({ dataset: z.string(), name: z.string() }).nullable().default(null),
    check: z.object({ examples: z.int(), largestDifference: z.number() }),
    /** The first NAMED_FILES. */
    files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number() })),
    fileCount: z.int(),
    /** Of all files. */
    bytes: z.number(),
    /** Where the served window fetches it as one zip; null on the desktop, and once the folder is gone. */
    download: z.string().nullable()
  }),
  /** A pretrained model that was fetched: the SHA-256 of its files, and where they lie. */
  z.object({ type: z.literal('extractor'), name: z.string(), hash: z.string(), folder: z.string() }),
  /** Libraries that were fetched and put in place. */
  z.object({ type: z.literal('pack'), fileCount: z.int() }),
  /** Examples about which something was found. */
  z.object({ type: z.literal('survey'), dataset: z.string(), found: z.int() }),
  z.object({
    type: z.literal('issues'),
    out: z.string(),
    fileCount: z.int(),
    download: z.string().nullable()
  })
])
export type JobResult = z.infer<typeof jobResult>

export const job = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  /** What it works on, as people call it: "photos.zip", the name of a run. */
  title: z.string(),
  /** What it reads and where it writes; null where that does not apply. */
  subject: z.object({
    source: z.string().nullable(),
    dataset: z.string().nullable(),
    run: z.string().nullable(),
    out: z.string().nullable()
  }),
  /** Chosen by who asked, so that asking twice starts one job. */
  request: z.string().nullable(),
  state: z.enum(JOB_STATES),
  /** Place among those that wait, from 1; null once it does not wait any more. */
  place: z.int().nullable(),
  progress: progressFigures.nullable(),
  result: jobResult.nullable(),
  failure: failureSchema.nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable()
})
export type Job = z.infer<typeof job>
export type JobSubject = Job['subject']

export function hasJobEnded({ state }: Pick<Job, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled' || state === 'interrupted'
}
