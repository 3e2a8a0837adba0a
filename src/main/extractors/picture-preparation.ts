import path from 'node:path'
import * as z from 'zod'
import { badInput } from '../../shared/domain/failure'
import { PICTURE_CONFIG } from './extractor'
import { readJsonObject } from './json-file'

/** How a picture becomes a model's input: Hugging Face's preprocessor_config.json as one resize, one crop, one line. */
export interface PicturePreparation {
  readonly resize: {
    readonly width: number
    readonly height: number
    /** fill: each side by itself; cover: in proportion, what goes over the edges is cut off. */
    readonly fit: 'fill' | 'cover'
    readonly kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3'
  }
  /** The middle of it that the model sees. */
  readonly width: number
  readonly height: number
  /** A byte x of channel c becomes x * factor[c] + offset[c]. */
  readonly factor: readonly number[]
  readonly offset: readonly number[]
}

/** A side beyond this is no picture model's input. */
const LARGEST_SIDE = 2048
const side = z.int().positive().max(LARGEST_SIDE)
const sizes = z.union([
  side,
  z.object({ height: side, width: side }),
  z.object({ shortest_edge: side }),
  z.object({ longest_edge: side })
])
const three = z.array(z.number()).length(3)

const preparation = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().nullish(),
  size: sizes.nullish(),
  crop_pct: z.number().positive().max(1).nullish(),
  resample: z.int().min(0).max(5).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: sizes.nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().nullish(),
  rescale_offset: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: three.nullish(),
  image_std: three.nullish(),
  include_top: z.boolean().nullish()
})
type Config = z.infer<typeof preparation>

/** What is asked for now and then and not done here: better to say so than to compute other features. */
const NOT_DONE = ['do_pad', 'do_thumbnail', 'do_align_long_axis', 'do_crop_margin', 'do_flip_channel_order']

/** Pillow's numbers of filters; box and Hamming have no counterpart and are near enough to linear. */
const KERNELS = ['nearest', 'lanczos3', 'linear', 'cubic', 'linear', 'linear'] as const

/** The middle 224 of 256: how pictures are cut for most models of ImageNet. */
const USUAL_SIDE = 224
const USUAL_MARGIN = 256 / 224

/** Where the folder says nothing, the usual cut: for models that take bytes and scale them themselves. */
export function plainPreparation(width = USUAL_SIDE, height = width): PicturePreparation {
  const larger = (side: number): number => Math.round(side * USUAL_MARGIN)
  const resize = { width: larger(width), height: larger(height), fit: 'cover', kernel: 'cubic' } as const
  return { resize, width, height, factor: [1 / 255, 1 / 255, 1 / 255], offset: [0, 0, 0] }
}

/**
 * @returns undefined where the folder has no preprocessor_config.json
 * @throws Failure bad-input that names the file and the key
 */
export function picturePreparation(folder: string): PicturePreparation | undefined {
  const file = path.join(folder, PICTURE_CONFIG)
  const values = readJsonObject(file)
  if (!values) return undefined
  const asked = NOT_DONE.find((key) => values[key] === true)
  if (asked !== undefined) {
    throw badInput(`${file} asks for "${asked}", which is not done here.`, 'Choose another extractor.')
  }
  const read = preparation.safeParse(values)
  if (!read.success) {
    const key = read.error.issues[0]?.path.join('.') ?? ''
    throw badInput(`"${key}" in ${file} is not understood.`, 'Choose another extractor, or correct the file.')
  }
  return { ...geometryOf(read.data, file), ...linearOf(read.data, file) }
}

type Geometry = Pick<PicturePreparation, 'resize' | 'width' | 'height'>

function geometryOf(config: Config, file: string): Geometry {
  const crop = (config.do_center_crop ?? config.crop_size != null) ? boxOf(config.crop_size) : undefined
  const kernel = KERNELS[config.resample ?? 2] ?? 'linear'
  const size = boxOf(config.size)
  if (config.do_resize !== false && size) return resizedGeometry(config, size, crop, kernel)
  const box = crop ?? size
  if (!box) {
    throw badInput(
      `${file} names no size of pictures.`,
      'Add "size", the side of the pictures that the model takes.'
    )
  }
  return { ...box, resize: { ...box, fit: 'cover', kernel } }
}

function resizedGeometry(
  config: Config,
  box: Box,
  crop: Box | undefined,
  kernel: PicturePreparation['resize']['kernel']
): Geometry {
  const inProportion = 'shortest_edge' in Object(config.size) || (typeof config.size === 'number' && !!crop)
  // ConvNeXt's: smaller pictures are resized beyond their crop, larger ones straight to it.
  const percentage = config.crop_pct ?? 1
  if (inProportion && percentage < 1 && !crop && box.width < 384) {
    const larger = Math.floor(box.width / percentage)
    return { ...box, resize: { width: larger, height: larger, fit: 'cover', kernel } }
  }
  if (!inProportion || (config.crop_pct != null && !crop)) {
    const inner = crop && crop.width <= box.width && crop.height <= box.height ? crop : box
    return { ...inner, resize: { ...box, fit: 'fill', kernel } }
  }
  const inner = crop ?? box
  const width = Math.max(box.width, inner.width)
  const height = Math.max(box.height, inner.height)
  return { ...inner, resize: { width, height, fit: 'cover', kernel } }
}

interface Box {
  readonly width: number
  readonly height: number
}

function boxOf(size: Config['size']): Box | undefined {
  if (size == null) return undefined
  if (typeof size === 'number') return { width: size, height: size }
  if ('height' in size) return size
  const edge = 'shortest_edge' in size ? size.shortest_edge : size.longest_edge
  return { width: edge, height: edge }
}

/** Rescaling and normalising as one line a channel. */
function linearOf(config: Config, file: string): Pick<PicturePreparation, 'factor' | 'offset'> {
  const scale = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255)
  const shift = config.rescale_offset === true ? -1 : 0
  const normalises = config.do_normalize ?? config.image_mean != null
  const { image_mean: mean, image_std: std } = config
  if (!normalises) {
    return { factor: [scale, scale, scale], offset: [shift, shift, shift] }
  }
  if (!mean || !std || std.includes(0)) {
    throw badInput(`${file} normalises without "image_mean" and "image_std".`, 'Add them to the file.')
  }
  const kind = config.image_processor_type ?? config.feature_extractor_type ?? ''
  // EfficientNet's processor divides a second time unless told otherwise.
  const power = /^EfficientNet(Image|Feature)/.test(kind) && config.include_top !== false ? 2 : 1
  return {
    factor: std.map((deviation) => scale / deviation ** power),
    offset: std.map((deviation, c) => (shift - mean[c]!) / deviation ** power)
  }
}
