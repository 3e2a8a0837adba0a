import { badInput, type Failure } from '../../../shared/domain/failure'
import { imagesCodec } from '../codecs/images-codec'
import { splitWord } from '../codecs/splits'
import type { ExampleSelection } from '../example-selection'
import { classFolder } from '../export/image-paths'
import { writeImages } from '../export/images-writer'
import type { FormatDefinition } from './format'
import { byteLimit, splitLimit, tidyNameLimit } from './limits'

export const images: FormatDefinition = {
  text: 'Image folder: one folder a class, images as files (Hugging Face ImageFolder, Keras, FiftyOne)',
  endings: ['zip'],
  codec: imagesCodec,
  write: writeImages,
  limit: (selection, splits) =>
    shapeLimit(selection) ??
    byteLimit(selection, 'images') ??
    splitLimit(selection, 'images', splits, isFolder) ??
    tidyNameLimit(selection, 'images'),
  // Pictures that were made smaller for the workbench are written as they came; read back, they are made smaller again.
  readBack({ selection }) {
    const resized = selection.metas.some(({ layout }) => layout.imageSize !== undefined)
    return resized ? { imageSize: selection.shape[0] } : {}
  }
}

function isFolder(split: string): boolean {
  return classFolder(split) === split && (splitWord(split) ?? split) === split && !split.includes('/')
}

function shapeLimit({ shape }: ExampleSelection): Failure | undefined {
  const isImage = shape.length === 3
  if (isImage && (shape[2] === 1 || shape[2] === 3)) return undefined
  const remedy = isImage ? 'Export as npz instead.' : 'Export as table or npz instead.'
  return badInput(`Examples of ${shape.join(' x ')} are no pictures.`, remedy)
}
