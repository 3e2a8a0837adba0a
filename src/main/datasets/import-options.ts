import type { ReadingOptions } from '../../shared/domain/reading-options'

/** Side that photographs are resized to for models that learn from pixels, where nobody asked for another. */
export const MIXED_SIZE = 64

/** How a source is read; every field has a sensible default found by looking. */
export interface ImportOptions extends Readonly<ReadingOptions> {
  /** Side that pictures are resized to where no size was asked for: large ones, and those whose sizes differ. */
  readonly mixedSize?: number
  /** Large pictures of one size are kept so: only those whose sizes differ are resized to `mixedSize`. */
  readonly keepsLarge?: boolean
  /** Name in the store; by default the name of the file or folder. */
  readonly name?: string
  /** File of true labels; they only score a result. */
  readonly truth?: string
  /** Name or id of the dataset that an export is to be a version of. */
  readonly versionOf?: string
}

/** Progress and cancellation of an import or export. */
export interface ImportWatch {
  /** `total` is undefined while it is not known. `phase` is a short clause: "reading images". */
  onProgress?(done: number, total: number | undefined, phase: string): void
  readonly signal?: AbortSignal
}
