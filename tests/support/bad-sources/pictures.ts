import { copyFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fixture, picture, written } from './bad-source'
import type { BadSource } from './bad-source'
import { zipOf } from './lying-zip'

/** Zips, folders of images and their metadata. */
export const BAD_PICTURES: Record<string, BadSource> = {
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
    options: { strict: true },
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
  }
}
