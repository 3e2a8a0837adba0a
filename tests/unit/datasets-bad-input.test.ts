import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  corruptLabels,
  exportDataset,
  inspectSource,
  resolveReference,
  type ImportOptions
} from '@main/datasets'
import { failureOf, FIXTURES, select, temporaryFolder, temporaryStore } from '../support/datasets'

/** A bad source: makes its files in a folder and says what is then asked for. */
interface BadSource {
  readonly make: (folder: string) => string
  readonly options?: ImportOptions
  /** What the sentence must name. */
  readonly names: RegExp
  readonly remedy?: RegExp
}

const fixture = (name: string): string => path.join(FIXTURES, name)

function copied(folder: string, name: string): string {
  const target = path.join(folder, path.basename(name))
  cpSync(fixture(name), target, { recursive: true })
  return target
}

/** Write a file and give its path. */
function written(folder: string, name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

function changed(file: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(file, change(readFileSync(file)))
}

/** A zip with one deflated entry, whose sizes and checksum may be lies. */
function zipOf(name: string, content: Buffer, lies: { size?: number; crc?: number } = {}): Buffer {
  const packed = deflateRawSync(content)
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(8, 4)
  fields.writeUInt32LE(lies.crc ?? crc32(content), 10)
  fields.writeUInt32LE(packed.length, 14)
  fields.writeUInt32LE(lies.size ?? content.length, 18)
  fields.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
    fields,
    Buffer.alloc(14),
    Buffer.from(name)
  ])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, directory, end])
}

const picture = (): Buffer => readFileSync(fixture('pillow/rgb.png'))
const CSV = 'a,b,label\n1,2,x\n3,4,y\n'

const BAD: Record<string, BadSource> = {
  'a path that does not exist': { make: (at) => path.join(at, 'nowhere'), names: /nowhere/ },
  'an empty file': { make: (at) => written(at, 'x.npz', ''), names: /x\.npz is empty/ },
  'an empty folder': {
    make: (at) => (mkdirSync(path.join(at, 'none')), path.join(at, 'none')),
    names: /none is an empty folder/
  },
  'a file of garbage': {
    make: (at) => written(at, 'thing.dat', Buffer.from('garbage '.repeat(99))),
    names: /thing\.dat is in no format/
  },
  'a tar archive': {
    make: (at) => written(at, 'set.tar.gz', gzipSync('tar')),
    names: /set\.tar\.gz/,
    remedy: /Unpack/
  },
  'a pickle': {
    make: (at) => written(at, 'data.pkl', '\x80\x04'),
    names: /data\.pkl/,
    remedy: /numpy\.savez/
  },
  'an unknown format': {
    make: (at) => written(at, 't.csv', CSV),
    options: { format: 'tfrecord' },
    names: /"tfrecord"/,
    remedy: /idx/
  },
  'a format forced on another': {
    make: (at) => written(at, 't.csv', CSV),
    options: { format: 'npz' },
    names: /t\.csv is a damaged or truncated zip/
  },
  'an impossible image size': {
    make: () => fixture('pets.zip'),
    options: { imageSize: 0 },
    names: /0 is not an image size/
  },

  'IDX with a wrong magic number': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      changed(
        path.join(folder, 'train-images-idx3-ubyte'),
        (bytes) => (bytes.writeUInt32BE(0xdeadbeef), bytes)
      )
      return folder
    },
    names: /train-images-idx3-ubyte is no IDX file: it begins with deadbeef/
  },
  'IDX truncated': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      changed(path.join(folder, 't10k-images-idx3-ubyte'), (bytes) => bytes.subarray(0, 100))
      return folder
    },
    names: /t10k-images-idx3-ubyte is truncated/
  },
  'IDX that goes on after its end': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      changed(path.join(folder, 'train-images-idx3-ubyte'), (bytes) => Buffer.concat([bytes, bytes]))
      return folder
    },
    names: /train-images-idx3-ubyte goes on after the 20 images/
  },
  'IDX in truncated gzip': {
    make: (at) => {
      const folder = copied(at, 'idx-gzip')
      changed(path.join(folder, 'train-images-idx3-ubyte.gz'), (bytes) => bytes.subarray(0, 300))
      return folder
    },
    names: /train-images-idx3-ubyte\.gz ends in the middle of its compressed data/
  },
  'IDX in damaged gzip': {
    make: (at) => {
      const folder = copied(at, 'idx-gzip')
      changed(path.join(folder, 'train-images-idx3-ubyte.gz'), (bytes) => bytes.fill(0x55, 200, 300))
      return folder
    },
    names: /train-images-idx3-ubyte\.gz/
  },
  'IDX with fewer labels than images': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      copyFileSync(path.join(folder, 't10k-labels-idx1-ubyte'), path.join(folder, 'train-labels-idx1-ubyte'))
      return folder
    },
    names: /train-labels-idx1-ubyte holds 8 labels, but train-images-idx3-ubyte holds 20 images/
  },
  'IDX images without labels': {
    make: (at) => {
      mkdirSync(path.join(at, 'one'))
      copyFileSync(fixture('idx-plain/train-images-idx3-ubyte'), path.join(at, 'one/train-images-idx3-ubyte'))
      return path.join(at, 'one')
    },
    names: /train-images-idx3-ubyte has no labels file/,
    remedy: /train-labels-idx1-ubyte/
  },
  'IDX labels where images should be': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      copyFileSync(path.join(folder, 'train-labels-idx1-ubyte'), path.join(folder, 'train-images-idx3-ubyte'))
      return folder
    },
    names: /train-images-idx3-ubyte holds no images/
  },
  'IDX whose splits differ in size': {
    make: (at) => {
      const folder = copied(at, 'idx-plain')
      changed(
        path.join(folder, 't10k-images-idx3-ubyte'),
        (bytes) => (bytes.writeUInt32BE(5, 8), bytes.writeUInt32BE(6, 12), bytes)
      )
      return folder
    },
    names: /t10k-images-idx3-ubyte holds examples of 5 x 6 x 1, but train-images/
  },

  'CIFAR truncated': {
    make: (at) => {
      const folder = copied(at, 'cifar-10')
      changed(path.join(folder, 'data_batch_2.bin'), (bytes) => bytes.subarray(0, 4000))
      return folder
    },
    names: /data_batch_2\.bin has 4000 bytes/
  },
  'CIFAR with a label beyond its classes': {
    make: (at) => {
      const folder = copied(at, 'cifar-10')
      changed(path.join(folder, 'test_batch.bin'), (bytes) => bytes.fill(77, 0, 1))
      return folder
    },
    names: /batches\.meta\.txt names 10 classes, but a label is 77/
  },

  'NPZ without labels': {
    make: (at) => written(at, 'x.npz', zipOf('x.npy', readFileSync(fixture('numpy-npy/x.npy')))),
    names: /x\.npz has features \(x\) but no labels/
  },
  'NPZ without features': {
    make: (at) => written(at, 'y.npz', zipOf('y.npy', readFileSync(fixture('numpy-npy/y.npy')))),
    names: /y\.npz has no array x of features; it has y/
  },
  'NPZ of a type that holds no numbers': {
    make: () => fixture('numpy-complex.npz'),
    names: /x in .*numpy-complex\.npz has type c8/
  },
  'NPZ of pickled objects': {
    make: () => fixture('numpy-object.npz'),
    names: /numpy-object\.npz has type O/
  },
  'NPZ in Fortran order': {
    make: () => fixture('numpy-fortran.npz'),
    names: /numpy-fortran\.npz is stored column by column/,
    remedy: /ascontiguousarray/
  },
  'NPZ with the channels first': {
    make: () => fixture('numpy-channels-first.npz'),
    names: /channels first/,
    remedy: /transpose/
  },
  'NPY whose array ends early': {
    make: (at) => {
      const folder = copied(at, 'numpy-npy')
      changed(path.join(folder, 'x.npy'), (bytes) => bytes.subarray(0, 140))
      return folder
    },
    names: /x\.npy is truncated: it ends after 140 bytes/
  },
  'NPZ with a wrong checksum': {
    make: (at) => written(at, 'x.npz', zipOf('x.npy', readFileSync(fixture('numpy-npy/x.npy')), { crc: 1 })),
    names: /x\.npz/
  },
  'NPZ truncated': {
    make: (at) => written(at, 'cut.npz', readFileSync(fixture('numpy-plain.npz')).subarray(0, 400)),
    names: /cut\.npz is a damaged or truncated zip/
  },
  'NPY labels of another count': {
    make: (at) => {
      const folder = copied(at, 'numpy-npy')
      copyFileSync(path.join(folder, 'x.npy'), path.join(folder, 'scratch'))
      changed(path.join(folder, 'y.npy'), (bytes) =>
        Buffer.from(bytes.toString('latin1').replace('(5,)', '(4,)'), 'latin1').subarray(0, -8)
      )
      return folder
    },
    names: /y\.npy holds 4 labels, but x holds 5 examples/
  },
  'NPY with NaN': {
    make: (at) => {
      const folder = copied(at, 'numpy-npy')
      changed(path.join(folder, 'x.npy'), (bytes) => bytes.fill(0xff, bytes.length - 2))
      return folder
    },
    names: /x\.npy, row 4, value 3: NaN is not a finite number/
  },

  'a zip whose entry climbs out': {
    make: (at) => written(at, 'evil.zip', zipOf('../evil.png', picture())),
    names: /evil\.zip holds an entry named "\.\.\/evil\.png"/
  },
  'a zip with an absolute name': {
    make: (at) => written(at, 'evil.zip', zipOf('/etc/evil.png', picture())),
    names: /evil\.zip holds an entry named "\/etc\/evil\.png"/
  },
  'a zip with a backslashed way out': {
    make: (at) => written(at, 'evil.zip', zipOf('a\\..\\..\\evil.png', picture())),
    names: /evil\.zip holds an entry/
  },
  'a zip bomb': {
    make: (at) => written(at, 'bomb.zip', zipOf('a/bomb.png', Buffer.alloc(1 << 20), { size: 0xf0000000 })),
    names: /bomb\.zip/,
    remedy: /Unpack/
  },
  'a zip whose entry is longer than it says': {
    make: (at) => written(at, 'long.zip', zipOf('a/x.png', Buffer.alloc(1 << 20), { size: 100 })),
    names: /a\/x\.png in .*long\.zip/
  },
  'a zip truncated': {
    make: (at) => written(at, 'cut.zip', readFileSync(fixture('pets.zip')).subarray(0, 900)),
    names: /cut\.zip/
  },
  'a zip without pictures': {
    make: (at) => written(at, 'text.zip', zipOf('a.txt', Buffer.from('text'))),
    names: /text\.zip/
  },
  'images of two sizes': {
    make: (at) => {
      written(at, 'set/a/1.png', picture())
      copyFileSync(fixture('pillow/smooth.jpg'), path.join(at, 'set/a/2.jpg'))
      return path.join(at, 'set')
    },
    names: /set\/a\/2\.jpg is 16 x 24, but .*set\/a\/1\.png is 5 x 6/,
    remedy: /--image-size/
  },
  'a damaged picture': {
    make: (at) => {
      written(at, 'set/a/1.png', picture())
      written(at, 'set/b/2.png', picture().fill(0, 60, 120))
      return path.join(at, 'set')
    },
    names: /set\/b\/2\.png cannot be decoded/
  },
  'a truncated photograph': {
    make: (at) => {
      const photo = readFileSync(fixture('pillow/smooth.jpg'))
      written(at, 'set/a/1.jpg', photo.subarray(0, photo.length / 2))
      return path.join(at, 'set')
    },
    names: /set\/a\/1\.jpg cannot be decoded/
  },
  'a file that is no picture': {
    make: (at) => (written(at, 'set/a/1.png', 'not a picture'), path.join(at, 'set')),
    names: /set\/a\/1\.png cannot be decoded/
  },
  'a truncated BMP': {
    make: (at) => {
      written(at, 'set/a/1.bmp', readFileSync(fixture('pillow/rgb.bmp')).subarray(0, 80))
      return path.join(at, 'set')
    },
    names: /set\/a\/1\.bmp cannot be decoded: the BMP is truncated/
  },
  'pictures without class folders': {
    make: (at) => (written(at, 'set/1.png', picture()), path.join(at, 'set')),
    names: /1\.png lies in no class folder/,
    remedy: /metadata\.csv/
  },
  'one picture': { make: () => fixture('pillow/rgb.png'), names: /rgb\.png/, remedy: /folder/ },
  'metadata that names a missing picture': {
    make: (at) => {
      written(at, 'set/1.png', picture())
      written(at, 'set/metadata.csv', 'file_name,label\n1.png,a\n2.png,b\n')
      return path.join(at, 'set')
    },
    names: /metadata\.csv, line 3: the image "2\.png" does not exist/
  },
  'metadata that leaves a picture out': {
    make: (at) => {
      written(at, 'set/1.png', picture())
      written(at, 'set/2.png', picture())
      written(at, 'set/metadata.jsonl', '{"file_name": "1.png", "label": "a"}\n')
      return path.join(at, 'set')
    },
    names: /2\.png has no label in .*metadata\.jsonl/
  },
  'metadata that is not JSON': {
    make: (at) => {
      written(at, 'set/1.png', picture())
      written(at, 'set/metadata.jsonl', '{"file_name": "1.png", "label": "a"}\n{oops\n')
      return path.join(at, 'set')
    },
    names: /metadata\.jsonl, line 2 is not JSON/
  },

  'a table with NaN': {
    make: (at) => written(at, 't.csv', 'a,b,label\n1,2,x\n3,NaN,y\n'),
    names: /t\.csv, row 2 \(line 3\), column "b": "NaN" is not a finite number/
  },
  'a table with an empty cell': {
    make: (at) => written(at, 't.csv', 'a,b,label\n1,,x\n'),
    names: /t\.csv, row 1 \(line 2\), column "b": the cell is empty/
  },
  'a table with an infinite number': {
    make: (at) => written(at, 't.csv', 'a,b,label\n1,1e39,x\n'),
    names: /t\.csv, row 1, column "b": Infinity/
  },
  'a table with text among numbers': {
    make: (at) => written(at, 't.tsv', 'a\tlabel\n1\tx\ntwo\ty\n'),
    names: /t\.tsv, row 2 \(line 3\), column "a": "two"/
  },
  'a table with an empty label': {
    make: (at) => written(at, 't.csv', 'a,label\n1,x\n2,\n'),
    names: /t\.csv, row 2 \(line 3\), column "label": the label is empty/
  },
  'a table with a short row': {
    make: (at) => written(at, 't.csv', 'a,b,label\n1,2,x\n3,y\n'),
    names: /t\.csv, line 3 has 2 fields, but the first row has 3/,
    remedy: /a field for each column/
  },
  'a table with text after a closing quote': {
    make: (at) => written(at, 't.csv', 'a,label\n1,"x"y\n2,y\n'),
    names: /t\.csv, line 2: text follows a closing quote/,
    remedy: /Double the quotes/
  },
  'metadata with a short row': {
    make: (at) => {
      written(at, 'set/1.png', picture())
      written(at, 'set/metadata.csv', 'file_name,label\n1.png\n')
      return path.join(at, 'set')
    },
    names: /metadata\.csv, line 2 has 1 fields, but the first row has 2/
  },
  'a table without the label column asked for': {
    make: (at) => written(at, 't.csv', CSV),
    options: { labelColumn: 'species' },
    names: /t\.csv has no column "species"; it has "a", "b", "label"/
  },
  'a table without any label column': {
    make: (at) => written(at, 't.csv', 'a,b\n1,2\n3,4\n'),
    names: /t\.csv has no column with a usual label name/,
    remedy: /--label-column/
  },
  'a table of measurements as labels': {
    make: (at) => {
      const rows = Array.from({ length: 400 }, (_, i) => `${i % 7},${i / 7}`)
      return written(at, 't.csv', `a,y\n${rows.join('\n')}\n`)
    },
    names: /column "y" has 400 different values in 400 rows/
  },
  'a table with a header only': {
    make: (at) => written(at, 't.csv', 'a,b,label\n'),
    names: /t\.csv has no rows/
  },
  'a table of bytes': {
    make: (at) => written(at, 't.csv', Buffer.from([1, 0, 2, 0, 200, 7])),
    names: /t\.csv is not a text table/
  },
  'a table with an open quote': {
    make: (at) => written(at, 't.csv', 'a,label\n"1,x\n2,y\n'),
    names: /t\.csv, line 2: a quote is not closed/
  },
  'a table in truncated gzip': {
    make: (at) => {
      const rows = Array.from({ length: 5000 }, (_, i) => `${(i * 7919) % 1000},${i % 2 ? 'x' : 'y'}\n`)
      return written(at, 't.csv.gz', gzipSync(`a,label\n${rows.join('')}`).subarray(0, -500))
    },
    names: /t\.csv\.gz ends in the middle of its compressed data/
  },
  'a table with a column twice': {
    make: (at) => written(at, 't.csv', 'a,a,label\n1,2,x\n'),
    names: /t\.csv has two columns called "a"/
  },
  'Parquet truncated': {
    make: (at) => written(at, 't.parquet', readFileSync(fixture('pyarrow.parquet')).subarray(0, 500)),
    names: /t\.parquet cannot be read as Parquet/
  },

  'a MATLAB file without X': {
    make: (at) => {
      const folder = copied(at, 'svhn-plain')
      changed(
        path.join(folder, 'test_32x32.mat'),
        (bytes) => (bytes.fill('Z', bytes.indexOf('X\0\0\0'), bytes.indexOf('X\0\0\0') + 1), bytes)
      )
      return folder
    },
    names: /test_32x32\.mat has no variable X; it has Z, y/
  },
  'a MATLAB file truncated': {
    make: (at) => {
      const folder = copied(at, 'svhn-plain')
      changed(path.join(folder, 'train_32x32.mat'), (bytes) => bytes.subarray(0, 5000))
      return folder
    },
    names: /train_32x32\.mat is truncated/
  },
  'a MATLAB 7.3 file': {
    make: (at) => written(at, 'new.mat', `MATLAB 7.3 MAT-file${' '.repeat(200)}`),
    names: /new\.mat is a MATLAB 7\.3/,
    remedy: /-v7/
  },

  'a split that is not there': {
    make: () => `${fixture('idx-plain')}#validation`,
    names: /idx-plain has no split "validation"/,
    remedy: /#train, #test/
  },
  'a split of a set without splits': {
    make: () => `${fixture('pandas.csv')}#train`,
    names: /no split "train"/
  },
  'a range past the end': {
    make: () => `${fixture('idx-plain')}#test[0:9]`,
    names: /idx-plain#test\[0:9\] goes past the end: .*idx-plain#test has 8 examples/,
    remedy: /\[0:8\]/
  },
  'a range that begins at the end': { make: () => `${fixture('idx-plain')}#test[8:]`, names: /past the end/ },
  'an empty range': { make: () => `${fixture('idx-plain')}#test[3:3]`, names: /empty range/ },
  'a range that is none': { make: () => `${fixture('idx-plain')}#test[a:b]`, names: /no valid range/ },
  'a joint of two shapes': {
    make: () => `${fixture('idx-plain')}#train+${fixture('cifar-10')}#train`,
    names: /cifar-10 has examples of 32 x 32 x 3, but .*idx-plain of 6 x 5 x 1/
  },
  'a joint of two sets of classes': {
    make: (at) => `${written(at, 'a.csv', CSV)}+${written(at, 'b.csv', CSV.replaceAll('y\n', 'z\n'))}`,
    names: /b\.csv and .*a\.csv have different classes: "z"/
  },
  'true labels of another count': {
    make: () => `${fixture('idx-plain')}#train[0:7]`,
    options: { truth: fixture('numpy-npy/y.npy') },
    names: /y\.npy holds 5 true labels, but 7 examples are selected/
  },
  'true labels that are no classes': {
    make: () => fixture('numpy-npy'),
    options: { truth: fixture('pets.zip') },
    names: /pets\.zip has no array true_y/
  }
}

describe('bad input is refused in one sentence, with a remedy, and nothing is written', () => {
  it.each(Object.entries(BAD))('%s', async (_, { make, options, names, remedy }) => {
    const store = temporaryStore()
    const reference = make(temporaryFolder())
    const failure = await failureOf(() => resolveReference(store, reference, options))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toMatch(names)
    expect(failure.message).not.toContain('\n')
    expect(failure.message).toMatch(/\.$/)
    expect(failure.remedy).toMatch(remedy ?? /\w{3,}/)
    const cache = path.join(store.root, '../cache')
    // Good parts of a joint may have been imported; of the bad one nothing is left, hidden or not.
    const left = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('.')) : []
    expect(left).toEqual([])
    if (!reference.includes('+') && !/[#[]/.test(reference) && !options?.truth) {
      expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([])
    }
  })

  it.each(Object.entries(BAD).filter(([, { options }]) => options?.truth === undefined))(
    'importing %s leaves the store empty',
    async (_, { make, options }) => {
      const store = temporaryStore()
      const reference = make(temporaryFolder())
      if (reference.includes('#') || reference.includes('+')) return
      const failure = await failureOf(() => store.importFrom(reference, options))
      expect(failure.code).toBe('bad-input')
      expect(existsSync(store.root) ? readdirSync(store.root) : []).toEqual([])
    }
  )
})

describe('bad requests', () => {
  it('an output folder that is not empty, or a file, is left as it was', async () => {
    const store = temporaryStore()
    const selection = await select(store, fixture('idx-plain'))
    const folder = temporaryFolder()
    const file = written(folder, 'keep.txt', 'kept')
    for (const out of [folder, file]) {
      const failure = await failureOf(() => exportDataset(selection, { format: 'npz', out }))
      expect(failure.code).toBe('bad-input')
      expect(failure.message).toContain(out)
    }
    expect(readdirSync(folder)).toEqual(['keep.txt'])
    expect(readFileSync(file, 'utf8')).toBe('kept')
  })

  it('a format that cannot hold the data leaves nothing behind', async () => {
    const store = temporaryStore()
    const parent = temporaryFolder()
    const table = await select(store, fixture('pandas.csv'))
    for (const format of ['images', 'cifar', 'svhn'] as const) {
      const out = path.join(parent, format)
      const failure = await failureOf(() => exportDataset(table, { format, out }))
      expect(failure.code).toBe('bad-input')
      expect(failure.remedy).toMatch(/npz|table/)
    }
    expect(readdirSync(parent)).toEqual([])
  })

  it.each([-0.1, 1.5, NaN])('a noise of %s', async (noise) => {
    const labels = Int32Array.from([0, 1])
    const failure = await failureOf(() => corruptLabels(labels, 2, { noise, pattern: 'uniform', seed: 0 }))
    expect(failure.code).toBe('bad-input')
  })

  it('a missing option is reported by the inspection, not thrown', async () => {
    const folder = temporaryFolder()
    written(folder, 'set/a/1.png', picture())
    copyFileSync(fixture('pillow/smooth.jpg'), path.join(folder, 'set/a/2.jpg'))
    expect((await inspectSource(path.join(folder, 'set'))).missing).toEqual(['imageSize'])
    const table = await inspectSource(written(folder, 't.csv', 'a,b\n1,2\n3,4\n'))
    expect(table.missing).toEqual(['labelColumn'])
    expect(table.labelColumnCandidates).toEqual(['a', 'b'])
  })
})
