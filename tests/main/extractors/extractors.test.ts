import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { extractorHash, modelFor, openExtractor } from '@main/extractors/extractor'
import { picturePreparation } from '@main/extractors/picture-preparation'
import { addExtractor, findExtractor, knownExtractors, removeExtractor } from '@main/extractors/registry'
import { textPreparation } from '@main/extractors/text-preparation'
import { pictureExtractor, textExtractor } from '@support/extractors'
import { temporaryFolder } from '@support/command'
import { failureOf } from '@support/datasets'
import { folderOf } from '@support/pictures'

describe('the folder of an extractor', () => {
  test('of pictures has a model and its preparation', () => {
    const { models, files, name } = openExtractor(pictureExtractor(temporaryFolder()), 'means')
    expect(models).toEqual({ pictures: 'onnx/model.onnx' })
    expect(files).toEqual(['config.json', 'onnx/model.onnx', 'preprocessor_config.json'])
    expect(name).toBe('means')
  })

  test('with a tower for pictures and one for texts has both', () => {
    const folder = pictureExtractor(textExtractor(temporaryFolder()))
    for (const tower of ['vision_model', 'text_model'])
      cpSync(path.join(folder, 'onnx/model.onnx'), path.join(folder, `onnx/${tower}.onnx`))
    expect(openExtractor(folder).models).toEqual({
      pictures: 'onnx/vision_model.onnx',
      texts: 'onnx/text_model.onnx'
    })
  })

  test('is named by what its files hold: another byte of its weights is another extractor', async () => {
    const folder = pictureExtractor(temporaryFolder())
    const before = await extractorHash(openExtractor(folder))
    writeFileSync(path.join(folder, 'README.md'), 'no part of what it computes')
    expect(await extractorHash(openExtractor(folder))).toBe(before)
    writeFileSync(path.join(folder, 'onnx/model.onnx_data'), 'weights')
    expect(await extractorHash(openExtractor(folder))).not.toBe(before)
  })

  test.each([
    ['not there', () => path.join(temporaryFolder(), 'none'), /There is no folder .*none/],
    ['a file', () => path.join(folderOf({ 'model.onnx': 'x' }), 'model.onnx'), /is a file/],
    ['without a model', () => folderOf({ 'config.json': '{}' }), /holds no ONNX model/]
  ])('%s is refused', async (_, folder, sentence) => {
    const failure = await failureOf(() => openExtractor(folder()))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toMatch(sentence)
  })

  test('of texts does not take pictures', async () => {
    const extractor = openExtractor(textExtractor(temporaryFolder()), 'words')
    const failure = await failureOf(() => modelFor(extractor, 'pictures'))
    expect(failure.message).toBe('The extractor "words" takes texts, and these data are pictures.')
  })
})

describe('preprocessor_config.json', () => {
  const prepared = (config: object): ReturnType<typeof picturePreparation> =>
    picturePreparation(folderOf({ 'preprocessor_config.json': JSON.stringify(config) }))

  test('of a vision transformer: both sides, mean and deviation', () => {
    expect(
      prepared({
        size: { height: 224, width: 224 },
        resample: 2,
        do_rescale: true,
        rescale_factor: 1 / 255,
        do_normalize: true,
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.25, 0.5]
      })
    ).toEqual({
      width: 224,
      height: 224,
      resize: { width: 224, height: 224, fit: 'fill', kernel: 'linear' },
      factor: [2 / 255, 4 / 255, 2 / 255],
      offset: [-1, -2, -1]
    })
  })

  test('of DINOv2: the shorter side to 256, the middle 224 of it', () => {
    expect(
      prepared({
        do_resize: true,
        size: { shortest_edge: 256 },
        resample: 3,
        do_center_crop: true,
        crop_size: { height: 224, width: 224 }
      })
    ).toMatchObject({
      width: 224,
      height: 224,
      resize: { width: 256, height: 256, fit: 'cover', kernel: 'cubic' }
    })
  })

  test('of CLIP in its older form: a number with a crop is the shorter side', () => {
    expect(prepared({ size: 224, do_center_crop: true, crop_size: 224 })).toMatchObject({
      resize: { width: 224, height: 224, fit: 'cover' }
    })
    expect(prepared({ size: 224 })).toMatchObject({ resize: { fit: 'fill' } })
  })

  test('of ConvNeXT: resized beyond what is cut', () => {
    expect(prepared({ size: { shortest_edge: 224 }, crop_pct: 0.875 })).toMatchObject({
      width: 224,
      resize: { width: 256, height: 256, fit: 'cover' }
    })
  })

  test('of EfficientNet: divided by the deviation twice', () => {
    const config = { size: 8, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], rescale_factor: 1 }
    const prepare = prepared({ ...config, image_processor_type: 'EfficientNetImageProcessor' })
    expect(prepare).toMatchObject({ factor: [4, 4, 4], offset: [-2, -2, -2] })
  })

  test.each([
    ['that asks for what is not done', { size: 8, do_pad: true }, /asks for "do_pad"/],
    ['with a side beyond all pictures', { size: 1_000_000 }, /"size" in .* is not understood/],
    ['without a size', {}, /names no size/],
    ['that divides by nothing', { size: 8, image_mean: [0, 0, 0], image_std: [0, 0, 0] }, /image_std/]
  ])('%s is refused', async (_, config, sentence) => {
    const failure = await failureOf(() => prepared(config))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toMatch(sentence)
  })

  test('that is no JSON is refused by name', async () => {
    const folder = folderOf({ 'preprocessor_config.json': '{"size": ' })
    expect((await failureOf(() => picturePreparation(folder))).message).toMatch(
      /preprocessor_config.json is no JSON/
    )
  })
})

describe('how texts are pooled', () => {
  test('by default the mean, of length one', () => {
    expect(textPreparation(textExtractor(temporaryFolder()))).toMatchObject({
      pooling: 'mean',
      normalises: true,
      longest: 6
    })
  })

  test('as sentence-transformers wrote it down', () => {
    const folder = textExtractor(temporaryFolder(), {
      pooling: { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
      modules: [{ type: 'sentence_transformers.models.Transformer' }]
    })
    expect(textPreparation(folder)).toMatchObject({ pooling: 'cls', normalises: false })
  })

  test('a pooling that is not done here is refused', async () => {
    const folder = textExtractor(temporaryFolder(), { pooling: { pooling_mode_weightedmean_tokens: true } })
    expect((await failureOf(() => textPreparation(folder))).message).toMatch(/weightedmean_tokens/)
  })
})

describe('the extractors of a workspace', () => {
  test('are added by folder, found by name, and forgotten with their folder left alone', async () => {
    const workspace = temporaryFolder()
    const folder = pictureExtractor(path.join(temporaryFolder(), 'means'))
    const { name, hash } = await addExtractor(workspace, folder)
    expect(name).toBe('means')
    expect(findExtractor(workspace, 'means').folder).toBe(folder)
    expect(hash).toBe(await extractorHash(findExtractor(workspace, 'means')))
    expect(knownExtractors(workspace).map(({ note }) => note.name)).toEqual(['means'])
    removeExtractor(workspace, 'means')
    expect(knownExtractors(workspace)).toEqual([])
    expect(openExtractor(folder).models.pictures).toBe('onnx/model.onnx')
  })

  test('one whose folder is gone is listed with what is wrong', async () => {
    const workspace = temporaryFolder()
    const folder = pictureExtractor(path.join(temporaryFolder(), 'means'))
    await addExtractor(workspace, folder)
    rmSync(folder, { recursive: true })
    expect(knownExtractors(workspace)[0]?.failure?.message).toMatch(/There is no folder/)
  })

  test('a name is not given twice', async () => {
    const workspace = temporaryFolder()
    await addExtractor(workspace, pictureExtractor(temporaryFolder()), { name: 'one' })
    const again = addExtractor(workspace, pictureExtractor(temporaryFolder()), { name: 'one' })
    await expect(again).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('a name that is unknown, and one that could be fetched, are not found with a remedy', async () => {
    const workspace = temporaryFolder()
    const failure = await failureOf(() => findExtractor(workspace, 'nothing-like-it'))
    expect(failure).toMatchObject({ code: 'not-found' })
    const fetched = await failureOf(() => findExtractor(workspace, 'dinov2-small'))
    expect(fetched.remedy).toBe('Fetch it with "bilevel extractors fetch dinov2-small".')
  })
})
