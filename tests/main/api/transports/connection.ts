import type { WorkbenchClient } from '@shared/contract'

/** A workbench as a transport reaches it. */
export interface Connection {
  readonly client: WorkbenchClient
  /** A folder that the workbench may read and write; its workspace lies in it as "workspace". */
  readonly folder: string
  /** A second reader of the same workbench. */
  another(): Promise<{ client: WorkbenchClient; close(): void }>
  close(): Promise<void>
}
