/** How a source is read; every field has a sensible default found by looking. */
export interface ImportOptions {
  /** Name in the store; by default the name of the file or folder. */
  readonly name?: string
  /** Force a format (see DATASET_FORMATS). */
  readonly format?: string
  /** Resize images to this side where their sizes differ. */
  readonly imageSize?: number
  /** The label column of a table. */
  readonly labelColumn?: string
  /** A picture that cannot be read ends the import, instead of being left out and told. */
  readonly strict?: boolean
  /** The encoding of texts and names that are not UTF-8, e.g. "shift_jis" or "cp437". */
  readonly encoding?: string
  /** File of true labels; they only score a result. */
  readonly truth?: string
}

/** Progress and cancellation of an import or export. */
export interface ImportWatch {
  /** `total` is undefined while it is not known. `phase` is a short clause: "reading images". */
  onProgress?(done: number, total: number | undefined, phase: string): void
  readonly signal?: AbortSignal
}
