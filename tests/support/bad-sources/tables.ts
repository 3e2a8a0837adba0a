import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { CSV, fixture, picture, written } from './bad-source'
import type { BadSource } from './bad-source'

/** CSV and Parquet. */
export const BAD_TABLES: Record<string, BadSource> = {
  'a table without a filled cell beside the labels': {
    make: (at) => written(at, 't.csv', 'a,b,label\n,NaN,x\n,NaN,y\n'),
    names: /t\.csv has no feature columns \(left out: "a", "b"\)/
  },
  'a table whose column cannot have the role asked for': {
    make: (at) => written(at, 't.csv', 'a,label\nred,x\nblue,y\n'),
    options: { column: ['a=number'] },
    names: /Column "a" holds no number, but such as "red"/,
    remedy: /--column/
  },
  'a table with a role that there is not': {
    make: (at) => written(at, 't.csv', 'a,label\n1,x\n2,y\n'),
    options: { column: ['a=numeric'] },
    names: /"a=numeric" gives no column a role/,
    remedy: /--column name=role, where the role is one of label, number,/
  },
  'a table without the column that is given a role': {
    make: (at) => written(at, 't.csv', 'a,label\n1,x\n2,y\n'),
    options: { column: ['b=number'] },
    names: /t\.csv has no column "b"; it has "a", "label"/,
    remedy: /--column/
  },
  'a table with a number too large': {
    make: (at) => written(at, 't.csv', 'a,b,label\n1,1e39,x\n'),
    names: /t\.csv, row 1 \(line 2\), column "b": 1e39 is too large for a 32-bit float/
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
    names: /column "y" holds measurements such as 0\.142.* \(199 different values in the first 199 rows\)/,
    remedy: /--label-column/
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
  }
}
