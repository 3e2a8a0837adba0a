import type { Page } from 'playwright-core'

/** The workbench's window, wherever it runs. */
export interface WorkbenchWindow {
  readonly page: Page
  /** Where exports may go. */
  readonly folder: string
  close(): Promise<void>
}

export type Launch = (workspace: string) => Promise<WorkbenchWindow>
