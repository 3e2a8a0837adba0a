import { badInput, type Failure } from '../../../shared/domain/failure'
import { cifarCodec } from '../codecs/cifar-codec'
import { splitInName } from '../codecs/splits'
import type { ExampleSelection } from '../example-selection'
import { writeCifar } from '../export/cifar-writer'
import type { FormatDefinition } from './format'
import { byteClassLimit, byteLimit, lineNameLimit, splitLimit } from './limits'

export const cifar: FormatDefinition = {
  text: 'CIFAR binary: batches of 32 × 32 colour images',
  endings: ['bin'],
  codec: cifarCodec,
  write: writeCifar,
  limit: (selection, splits) =>
    shapeLimit(selection) ??
    byteClassLimit(selection, 'CIFAR') ??
    byteLimit(selection, 'cifar') ??
    splitLimit(selection, 'cifar', splits, (split) => splitInName(split) === split && split !== 'val') ??
    lineNameLimit(selection)
}

function shapeLimit({ shape }: ExampleSelection): Failure | undefined {
  if (shape.join() === '32,32,3') return undefined
  return badInput(
    `CIFAR holds images of 32 x 32 x 3, not examples of ${shape.join(' x ')}.`,
    'Export as npz or images instead.'
  )
}
