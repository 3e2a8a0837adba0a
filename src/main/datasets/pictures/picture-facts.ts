export type PictureFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'bmp'

/** What a picture says of itself before anything is decoded. */
export interface PictureHeader {
  readonly format: PictureFormat
  /** Undefined where the file ends before it says. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Whether more frames or pages follow the first. */
  readonly hasMore: boolean
  /** Whether its colours are inks: cyan, magenta, yellow and black. */
  readonly isCmyk?: boolean
  /** Why it cannot be read, as a clause, where the header tells. */
  readonly refusal?: string
}
