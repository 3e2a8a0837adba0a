import { bytes, count } from '@shared/words/numbers'
import type { PictureFacts } from '@shared/domain/picture-facts'

/** What is shown: "2,048 × 1,365, JPEG, 0.8 MB"; where it is not the original, why. */
export function pictureWords({ original, model, missing }: PictureFacts): string {
  if (original) {
    const { width, height, format } = original
    return `${count(width)} × ${count(height)}, ${format.toUpperCase()}, ${bytes(original.bytes)}`
  }
  if (!model) return ''
  const size = `${count(model.width)} × ${count(model.height)} pixels`
  if (missing === 'gone')
    return `${size}, as the model sees it: the original is not where it was imported from`
  if (missing === 'not kept') return `${size}, as the model sees it: the import did not keep the original`
  return size
}

/** Whether the model sees another picture than people do. */
export function isSeenOtherwise({ original, model }: PictureFacts): boolean {
  return (
    original !== null &&
    model !== null &&
    (original.width !== model.width || original.height !== model.height)
  )
}
