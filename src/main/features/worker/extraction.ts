import { availableParallelism } from 'node:os'
import { badInput } from '../../../shared/domain/failure'
import { ExampleSelection, readMeta } from '../../datasets'
import { modelFor, openExtractor } from '../../extractors/extractor'
import type { ModelFacts, ToExtraction } from '../protocol'
import { FeatureSink } from './feature-sink'
import { loadModel } from './onnx-model'
import { PictureFeatures } from './picture-features'
import { TextFeatures } from './text-features'

type ExtractOrder = Extract<ToExtraction, { type: 'extract' }>
type Model = Pick<ExtractOrder, 'extractor' | 'input'>

/** Blocks at work beyond the cores: one goes through the model while pictures of the others are decoded. */
const AHEAD = 1
/** More blocks take memory and wait for one another. */
const MOST_LANES = 16

async function openFeatures({ extractor, input }: Model): Promise<PictureFeatures | TextFeatures> {
  const opened = openExtractor(extractor)
  const model = await loadModel(modelFor(opened, input))
  return input === 'pictures'
    ? new PictureFeatures(model, opened.folder)
    : new TextFeatures(model, opened.folder)
}

/** What a model gives, by running it once. @throws Failure that says why it cannot be used */
export async function probe(order: Model): Promise<ModelFacts> {
  const features = await openFeatures(order)
  return { ...(await features.probe()), block: features.block }
}

/**
 * Compute blocks of features into the target folder. Several blocks are at work, so that pictures are decoded while
 * others go through the model; memory holds these blocks and nothing else.
 * @param isStopped asked between blocks
 * @returns whether all of them are done
 */
export async function extract(
  order: ExtractOrder,
  isStopped: () => boolean,
  onDone: (blocks: number) => void
): Promise<boolean> {
  const meta = readMeta(order.source)
  if (!meta) throw badInput(`${order.source} holds no dataset any more.`, 'Start again.')
  const features = await openFeatures(order)
  const { width } = await features.probe()
  const examples = ExampleSelection.of(meta.name, [{ meta, folder: order.source, from: 0, to: meta.count }])
  const sink = await FeatureSink.open(order.target, width, features.block)
  const nameOf = (row: number): string => examples.files?.[row] ?? `example ${row}`
  let next = 0
  let done = 0
  let hasFailed = false
  const lane = async (): Promise<void> => {
    while (next < order.blocks.length && !isStopped() && !hasFailed) {
      const block = order.blocks[next++]!
      const from = block * features.block
      const to = Math.min(from + features.block, meta.count)
      await sink.write(block, await features.of(examples, from, to), nameOf)
      onDone(++done)
    }
  }
  try {
    const lanes = Math.min(MOST_LANES, availableParallelism() + AHEAD)
    const ended = await Promise.allSettled(
      Array.from({ length: lanes }, () =>
        lane().catch((error: unknown) => {
          hasFailed = true
          throw error
        })
      )
    )
    const failed = ended.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
    return done === order.blocks.length
  } finally {
    await sink.close()
    examples.close()
  }
}
