import * as z from 'zod'
import { procedure } from './base'

export const systemInfo = z.object({
  version: z.string(),
  /** How this window is reached. */
  shell: z.enum(['electron', 'server']),
  platform: z.string(),
  workspace: z.string(),
  /** Who started the workbench: the name that decisions bear where a window names nobody. */
  user: z.string(),
  recentWorkspaces: z.array(z.string()),
  /** Folders whose files may be opened through the window; null: any (the desktop). */
  folders: z.array(z.string()).nullable(),
  /** Where exports are proposed to go. */
  exportFolder: z.string(),
  /** Largest upload in bytes (served window only). */
  uploadLimit: z.number(),
  /** Whether others than this machine can reach the server. */
  exposed: z.boolean()
})
export type SystemInfo = z.infer<typeof systemInfo>

export const folderEntry = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'file']),
  bytes: z.number().nullable()
})
export type FolderEntry = z.infer<typeof folderEntry>

export const examinationFinding = z.object({
  name: z.string(),
  level: z.enum(['ok', 'warning', 'error']),
  detail: z.string(),
  remedy: z.string().optional()
})

/** A folder outside the workspace that an export was writing when it was killed. */
export const leftover = z.object({
  folder: z.string(),
  bytes: z.number(),
  /** When that export began. */
  startedAt: z.iso.datetime()
})
export type Leftover = z.infer<typeof leftover>

export const system = {
  ping: procedure.output(z.object({ now: z.number() })),
  info: procedure.output(systemInfo),
  /** What runs here, as `bilevel doctor` says it. */
  examine: procedure.output(z.array(examinationFinding)),
  /** What runs the product: "Node.js 22.12.0", on the desktop Electron's too. */
  versions: procedure.output(z.array(z.object({ name: z.string(), version: z.string() }))),
  /** What a report of a defect needs, with the end of the log: nothing of the user's is in it. */
  diagnostics: procedure.output(z.object({ text: z.string() })),
  /** What killed exports left outside the workspace. */
  leftovers: procedure.output(z.array(leftover)),
  /** Remove some of them; each is verified to be the workbench's own first. Answers what is left. */
  removeLeftovers: procedure.input(z.object({ folders: z.array(z.string()) })).output(z.array(leftover)),
  /** Folders and files to choose a source from; refuses what is outside the folders given. */
  folder: procedure
    .input(z.object({ path: z.string().nullable() }))
    .output(z.object({ path: z.string(), parent: z.string().nullable(), entries: z.array(folderEntry) }))
}
