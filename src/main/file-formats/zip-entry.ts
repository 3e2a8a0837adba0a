/** A file inside a zip. */
export interface ZipEntry {
  readonly path: string
  readonly size: number
  readonly compressedSize: number
  readonly deflated: boolean
  readonly crc32: number
  /** Offset of its local header. */
  readonly offset: number
  /** Bytes of its name as the directory has it. */
  readonly nameBytes: number
}
