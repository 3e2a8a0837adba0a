import type { PictureFacts } from '@shared/domain/picture-facts'

/** Where the pictures of one example come from. */
export interface PictureSource {
  /** @param side longest side wanted, pixels; the original at its own size without it */
  load(look: 'original' | 'model', side?: number): Promise<Blob>
  facts(): Promise<PictureFacts>
}
