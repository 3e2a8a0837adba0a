import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { changed, copied, fixture, written } from './bad-source'
import type { BadSource } from './bad-source'
import { zipOf } from './lying-zip'

/** IDX, CIFAR, NPZ and NPY. */
export const BAD_ARRAYS: Record<string, BadSource> = {
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
  'NPY by columns that is too large to be transposed': {
    make: (at) => {
      const folder = copied(at, 'numpy-npy')
      const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (1000000, 1000), }".padEnd(117) + '\n'
      const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0])
      changed(path.join(folder, 'x.npy'), () => Buffer.concat([start, Buffer.from(header)]))
      return folder
    },
    names: /x\.npy.* is stored column by column/,
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
  }
}
