import type { Page } from 'playwright-core'

/** The workbench's window, wherever it runs. */
export interface WorkbenchWindow {
  readonly page: Page
  /** Where exports may go. */
  readonly folder: string
  /** Whether it may read a file: a served window only reads the folders it was given. */
  reads(file: string): boolean
  /** Whether exports are downloaded from it: it may be on another machine than the workbench. */
  readonly downloads: boolean
  /** The same workbench in a browser of another person; absent where there is but one window. */
  another?(): Promise<Page>
  close(): Promise<void>
}

export type Launch = (workspace: string) => Promise<WorkbenchWindow>
