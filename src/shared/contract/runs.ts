import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { LONGEST_NOTE, tag } from '../domain/annotation'
import { preflight } from '../domain/estimate'
import { pictureFacts } from '../domain/picture-facts'
import { report } from '../domain/report'
import { runRecord } from '../domain/run'
import type { RunRecord } from '../domain/run'
import { runEvent } from '../domain/run-event'
import { METHODS, taskSpec } from '../domain/task-spec'
import { picture, pictureLook, pictureSide, procedure } from './base'
import { featureValue } from './datasets'

const byId = z.object({ run: z.string() })

const dataRole = z.enum(['train', 'trusted', 'validation', 'test'])

const runOrder = z.object({
  spec: taskSpec,
  name: z.string().optional(),
  outputDir: z.string().optional(),
  /** Where it is trained; this machine without one. */
  place: z.string().optional()
})

export const runs = {
  /** Newest first. */
  list: procedure.output(z.custom<RunRecord[]>(Array.isArray)),
  /** The list at once, then what changes of it (state, progress, order, removal): how a window follows it. */
  follow: procedure.output(
    eventIterator(
      z.object({
        type: z.enum(['all', 'changes']),
        runs: z.custom<RunRecord[]>(Array.isArray),
        /** Those that are not in the list any more. */
        gone: z.array(z.string())
      })
    )
  ),
  /** What a run found and what was decided, as one HTML file that needs nothing else. */
  reportPage: procedure.input(byId).output(picture),
  /** The whole list at once, then the whole again after changes, less often the longer it is: for scripts. */
  watch: procedure.output(eventIterator(z.custom<RunRecord[]>(Array.isArray))),
  get: procedure.input(byId).output(
    z.object({
      record: runRecord,
      /** Once it has ended with a result. */
      report: report.nullable(),
      /** Files in its output folder, relative paths. */
      files: z.array(z.object({ path: z.string(), bytes: z.number() }))
    })
  ),
  /** Everything that would stop the run, and what it will likely take; trains nothing. */
  check: procedure.input(z.object({ spec: taskSpec })).output(preflight),
  /** Queue a run. Without a folder, results go into the workspace. */
  create: procedure.input(runOrder).output(runRecord),
  /** Queue one run by several methods: one request, so that none is left out when the page is closed. */
  race: procedure
    .input(
      z.object({
        spec: taskSpec,
        lanes: z.array(z.object({ method: z.enum(METHODS), name: z.string() })).min(1),
        /** Where they are trained; this machine without one. */
        place: z.string().optional()
      })
    )
    .output(z.array(runRecord)),
  /** The spec for another run like it, on the same data, which are called by their names of today. */
  again: procedure.input(byId).output(z.object({ spec: taskSpec })),
  rename: procedure.input(byId.extend({ name: z.string().min(1) })).output(runRecord),
  note: procedure.input(byId.extend({ note: z.string().max(LONGEST_NOTE) })).output(runRecord),
  /** All of its tags, in place of those it had. */
  tag: procedure.input(byId.extend({ tags: z.array(tag).max(20) })).output(runRecord),
  /** What came out, in a sentence each; nothing of runs without a result. */
  outcomes: procedure
    .input(z.object({ runs: z.array(z.string()).max(500) }))
    .output(z.array(z.object({ run: z.string(), text: z.string() }))),
  /** Put a queued run before another queued one, or last (null); the waiting ones, the next first. */
  reorder: procedure.input(byId.extend({ before: z.string().nullable() })).output(z.array(runRecord)),
  pause: procedure.input(byId).output(runRecord),
  /** Continue a paused run, or a failed or cancelled one that has a checkpoint; queued like any other. */
  resume: procedure.input(byId).output(runRecord),
  /** End cleanly with the best result so far. */
  cancel: procedure.input(byId).output(runRecord),
  /** Into the bin, with its review; its results stay until the bin is emptied. */
  remove: procedure.input(byId).output(z.object({})),
  /**
   * What the run told: its history first (metrics thinned to about 2,000), then live, in a batch a second. Ends when the run has ended.
   */
  events: procedure
    .input(byId.extend({ after: z.int().nonnegative().default(0) }))
    .output(eventIterator(z.object({ sequence: z.int(), events: z.array(runEvent) }))),
  /** Labels of examples as the run was given them, as indices of these classes. */
  labels: procedure
    .input(byId.extend({ role: dataRole, rows: z.array(z.int().nonnegative()).max(1024) }))
    .output(z.object({ classNames: z.array(z.string()), labels: z.array(z.int()) })),
  /** Examples of the run's data as one picture, laid out by atlasGrid; rows of that role's data. */
  atlas: procedure
    .input(
      byId.extend({
        role: dataRole,
        rows: z.array(z.int().nonnegative()).max(1024),
        tileSize: z.int().min(8).max(256),
        look: pictureLook
      })
    )
    .output(picture),
  image: procedure
    .input(
      byId.extend({
        role: dataRole,
        row: z.int().nonnegative(),
        look: pictureLook,
        side: pictureSide
      })
    )
    .output(picture),
  pictureFacts: procedure
    .input(
      byId.extend({
        role: dataRole,
        row: z.int().nonnegative()
      })
    )
    .output(pictureFacts),
  /** The features of one example of a table; empty for images. */
  values: procedure
    .input(
      byId.extend({
        role: dataRole,
        row: z.int().nonnegative()
      })
    )
    .output(z.array(featureValue)),
  /** A file of the output folder: pictures, tables, spec.yaml. */
  file: procedure.input(byId.extend({ path: z.string() })).output(z.instanceof(Blob))
}
