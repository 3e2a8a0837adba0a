import path from 'node:path'
import { CSV, changed, copied, fixture, written } from './bad-source'
import type { BadSource } from './bad-source'

/** MATLAB files, and references to parts that are not there. */
export const BAD_REFERENCES: Record<string, BadSource> = {
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
