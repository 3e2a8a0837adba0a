import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { corruptLabels, exportDataset, inspectSource } from '@main/datasets'
import { idxHeader } from '@main/datasets/codecs/idx-header'
import { npyHeader, npyTexts, bytesOf, readNpyHeader } from '@main/file-formats/npy'
import { ByteReader } from '@main/file-formats/byte-reader'
import { npzFile } from '@support/array-files'
import { temporaryFolder } from '@support/command'
import { failureOf, select, temporaryStore } from '@support/datasets'

const numbers = (values: readonly (number | bigint)[]): Buffer =>
  Buffer.concat([npyHeader('<i8', [values.length]), bytesOf(BigInt64Array.from(values, BigInt))])
const features = (rows: number): Buffer =>
  Buffer.concat([npyHeader('|u1', [rows, 3]), Buffer.from(Array.from({ length: rows * 3 }, (_, i) => i))])

/** Class name of each example of an NPZ of these arrays. */
async function classesOf(arrays: Readonly<Record<string, Buffer>>, suffix = ''): Promise<string[]> {
  const file = path.join(temporaryFolder(), 'set.npz')
  writeFileSync(file, npzFile(arrays))
  const selection = await select(temporaryStore(), `${file}${suffix}`)
  return Array.from(selection.labels, (label) => selection.classNames[label]!)
}

describe('labels of arrays', () => {
  it('classes are called by their numbers, and only those that occur are classes', async () => {
    const y = [20240101, 0, 20240102, 268435457, 9007199254740993n, 0]
    expect(await classesOf({ x: features(6), y: numbers(y) })).toEqual(y.map(String))
  })

  it('a copy has the same numbers', async () => {
    const file = path.join(temporaryFolder(), 'set.npz')
    writeFileSync(file, npzFile({ x: features(4), y: numbers([3, 1, 2, 3]) }))
    const selection = await select(temporaryStore(), file)
    expect(selection.classNames).toEqual(['1', '2', '3'])
    for (const format of ['npz', 'idx', 'npy', 'table'] as const) {
      const out = path.join(temporaryFolder(), 'copy')
      await exportDataset({ selection }, { format, out })
      const copy = await select(temporaryStore(), out)
      expect(Array.from(copy.labels, (label) => copy.classNames[label])).toEqual(['3', '1', '2', '3'])
    }
    const idx = path.join(temporaryFolder(), 'idx')
    await exportDataset({ selection }, { format: 'idx', out: idx })
    const written = readFileSync(path.join(idx, 'train-labels-idx1-ubyte'))
    expect([...written.subarray(8)]).toEqual([3, 1, 2, 3])
  })

  it('numbers of two files are joined by value, whichever occur in each', async () => {
    const folder = temporaryFolder()
    writeFileSync(path.join(folder, 'a.npz'), npzFile({ x: features(2), y: numbers([7, 1]) }))
    writeFileSync(path.join(folder, 'b.npz'), npzFile({ x: features(2), y: numbers([3, 1]) }))
    const both = await select(temporaryStore(), `${folder}/a.npz+${folder}/b.npz`)
    expect(both.classNames).toEqual(['1', '3', '7'])
    expect(Array.from(both.labels, (label) => both.classNames[label])).toEqual(['7', '1', '3', '1'])
  })

  it.each([
    ['X_train, X_val', ['X_train', 'Y_train', 'X_val', 'y_val'], 'val'],
    ['trainX, testX', ['trainX', 'trainY', 'testX', 'testY'], 'test'],
    ['data, target', ['data', 'target', 'data_dev', 'target_dev'], 'dev'],
    ['arr_0 to arr_3', ['arr_0', 'arr_1', 'arr_2', 'arr_3'], 'test'],
    [
      'images, labels',
      ['train_images', 'train_labels', 'validation_images', 'validation_labels'],
      'validation'
    ]
  ])('arrays called %s', async (_, [x, y, otherX, otherY], split) => {
    const arrays = {
      [x!]: features(2),
      [y!]: numbers([5, 6]),
      [otherX!]: features(1),
      [otherY!]: numbers([6])
    }
    expect(await classesOf(arrays)).toEqual(['5', '6', '6'])
    expect(await classesOf(arrays, `#${split}`)).toEqual(['6'])
  })

  it('says which arrays it leaves out, and what it takes arrays without names for', async () => {
    const file = path.join(temporaryFolder(), 'set.npz')
    writeFileSync(
      file,
      npzFile({ x: features(2), y: numbers([0, 1]), X_hidden: features(3), mean: numbers([1]) })
    )
    expect((await inspectSource(file)).warnings).toEqual(['These arrays are not used: X_hidden, mean.'])
    writeFileSync(file, npzFile({ arr_0: features(2), arr_1: numbers([0, 1]) }))
    expect((await inspectSource(file)).warnings).toEqual([
      'The arrays have no names: arr_0 is taken for the features of train, arr_1 for its labels.'
    ])
  })

  it.each([
    [
      'a float that is no class',
      Buffer.concat([npyHeader('<f8', [2]), bytesOf(Float64Array.of(1, 2.5))]),
      'label 1 is 2.5'
    ],
    ['no number', Buffer.concat([npyHeader('<f4', [2]), bytesOf(Float32Array.of(1, NaN))]), 'label 1 is NaN'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([npyHeader('|S1', [2]), Buffer.from([0xe9, 0xe8])]),
      'not UTF-8'
    ],
    [
      'half a character',
      Buffer.concat([npyHeader('<U1', [2]), Buffer.from([0, 0xd8, 0, 0, 65, 0, 0, 0])]),
      'is none'
    ],
    ['one-hot labels', Buffer.concat([npyHeader('|u1', [2, 2]), Buffer.from([0, 1, 1, 0])]), 'shape (2, 2)'],
    ['Python objects', Buffer.concat([npyHeader('|O', [2]), Buffer.alloc(16)]), 'pickled'],
    [
      'a name of 200,000 letters',
      Buffer.concat([npyHeader('|S200000', [2]), Buffer.alloc(400_000, 65)]),
      '200000 characters'
    ],
    ['more labels than there are', npyHeader('<i8', [2 ** 40]), 'holds 1099511627776 labels'],
    ['too few labels', numbers([1]), 'holds 1 labels, but x holds 2 examples']
  ])('refuses %s', async (_, y, sentence) => {
    const file = path.join(temporaryFolder(), 'set.npz')
    writeFileSync(file, npzFile({ x: features(2), y }))
    const failure = await failureOf(() => inspectSource(file))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toContain(sentence)
  })

  it('two classes of one name are refused, not joined', async () => {
    const file = path.join(temporaryFolder(), 'set.npz')
    writeFileSync(file, npzFile({ x: features(2), y: numbers([0, 1]), class_names: npyTexts(['a', 'a']) }))
    expect((await failureOf(() => inspectSource(file))).message).toContain(
      'the classes 0 and 1 one name, "a"'
    )
  })

  it('texts, bool, one column and whole floats are labels', async () => {
    expect(await classesOf({ x: features(2), y: npyTexts(['müll', 'a']) })).toEqual(['müll', 'a'])
    const flags = Buffer.concat([npyHeader('|b1', [2, 1]), Buffer.from([1, 0])])
    expect(await classesOf({ x: features(2), y: flags })).toEqual(['1', '0'])
    const floats = Buffer.concat([npyHeader('>f4', [2]), bytesOf(Float32Array.of(3, 1)).swap32()])
    expect(await classesOf({ x: features(2), y: floats })).toEqual(['3', '1'])
  })
})

describe('headers', () => {
  const header = async (text: string): Promise<unknown> => {
    const file = path.join(temporaryFolder(), 'x.npy')
    const size = Buffer.alloc(2)
    size.writeUInt16LE(text.length)
    writeFileSync(file, Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(text)]))
    const reader = await ByteReader.openFile(file)
    return readNpyHeader(reader).finally(() => reader.close())
  }

  it('a dictionary of Python in any order, also of Python 2', async () => {
    expect(await header(`{"shape": (3L, 4L,), 'fortran_order': True ,'descr':'>f4'}`)).toEqual({
      type: 'f4',
      itemSize: 4,
      bigEndian: true,
      fortranOrder: true,
      shape: [3, 4]
    })
  })

  it.each([
    `${"{'descr': [".repeat(4000)}`,
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${'0'.repeat(60_000)},)}`,
    `{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}`,
    `{'descr': '<f${'0'.repeat(60_000)}', 'fortran_order': False, 'shape': (1,)}`,
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${'1,'.repeat(20_000)})}`,
    `{${' '.repeat(60_000)}`,
    ''
  ])('refuses a damaged one: %#', async (text) => {
    expect((await failureOf(() => header(text))).code).toBe('bad-input')
  })
})

describe('IDX', () => {
  function folderOf(labels: string, bytes: Buffer, images = idxHeader(8, [2, 1, 2])): string {
    const folder = temporaryFolder()
    writeFileSync(
      path.join(folder, 'train-images-idx3-ubyte'),
      Buffer.concat([images, Buffer.from([1, 2, 3, 4])])
    )
    writeFileSync(path.join(folder, labels), bytes)
    return folder
  }

  it.each([
    ['bytes', 'train-labels-idx1-ubyte', Buffer.concat([idxHeader(8, [2]), Buffer.from([200, 7])])],
    [
      '32 bits',
      'train-labels-idx1-int',
      Buffer.concat([idxHeader(12, [2]), Buffer.from([0, 0, 0, 200, 0, 0, 0, 7])])
    ],
    [
      '16 bits, gzip',
      'train-labels-idx1-short.gz',
      gzipSync(Buffer.concat([idxHeader(11, [2]), Buffer.from([0, 200, 0, 7])]))
    ],
    [
      'floats',
      'train-labels-idx1-float',
      Buffer.concat([idxHeader(13, [2]), bytesOf(Float32Array.of(200, 7)).swap32()])
    ],
    [
      "QMNIST's eight columns",
      'train-labels-idx2-int',
      Buffer.concat([
        idxHeader(12, [2, 8]),
        bytesOf(Int32Array.from([200, 1, 1, 1, 1, 1, 1, 1, 7, 2, 2, 2, 2, 2, 2, 2])).swap32()
      ])
    ]
  ])('labels of %s', async (_, name, bytes) => {
    const selection = await select(temporaryStore(), folderOf(name, bytes))
    expect(Array.from(selection.labels, (label) => selection.classNames[label])).toEqual(['200', '7'])
  })

  it('other columns, and sides that no memory holds, are refused', async () => {
    const oneHot = Buffer.concat([idxHeader(8, [2, 3]), Buffer.from([1, 0, 0, 0, 1, 0])])
    expect(
      (await failureOf(() => inspectSource(folderOf('train-labels-idx1-ubyte', oneHot)))).message
    ).toContain('2 x 3')
    const huge = idxHeader(8, [2, 0xffffffff, 0xffffffff])
    const labels = Buffer.concat([idxHeader(8, [2]), Buffer.from([0, 1])])
    const failure = await failureOf(() => inspectSource(folderOf('train-labels-idx1-ubyte', labels, huge)))
    expect(failure.message).toContain('more than can be trained on')
  })
})

describe('classes without examples', () => {
  it('never receive a wrong label', () => {
    const labels = Int32Array.from({ length: 40 }, (_, i) => (i % 2 ? 5 : 8))
    for (const pattern of ['uniform', 'asymmetric'] as const) {
      const corrupted = corruptLabels(labels, { noise: 1, pattern, seed: 1 })
      expect(Array.from(corrupted)).toEqual(Array.from(labels, (label) => (label === 5 ? 8 : 5)))
    }
  })

  it('of MATLAB files by value, but digits are ten', async () => {
    const folder = temporaryFolder()
    mkdirSync(path.join(folder, 'out'))
    writeFileSync(
      path.join(folder, 'set.npz'),
      npzFile({ x: Buffer.concat([npyHeader('|u1', [2, 1, 1, 3]), Buffer.alloc(6)]), y: numbers([3, 7]) })
    )
    const selection = await select(temporaryStore(), path.join(folder, 'set.npz'))
    await exportDataset({ selection }, { format: 'svhn', out: path.join(folder, 'mat') })
    const copy = await select(temporaryStore(), path.join(folder, 'mat'))
    expect(Array.from(copy.labels, (label) => copy.classNames[label])).toEqual(['3', '7'])
  })
})
