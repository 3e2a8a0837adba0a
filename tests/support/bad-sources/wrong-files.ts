import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { CSV, fixture, written } from './bad-source'
import type { BadSource } from './bad-source'

/** Sources that are no dataset at all, or asked for in a way that does not fit. */
export const WRONG_FILES: Record<string, BadSource> = {
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
  }
}
