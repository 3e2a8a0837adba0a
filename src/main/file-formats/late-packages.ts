import { createRequire } from 'node:module'
import type * as Iconv from 'iconv-lite'
import type * as Papa from 'papaparse'

// Packages that only some files need, loaded when one comes: every start would wait for them.

const require = createRequire(import.meta.url)

export const papaparse = (): typeof Papa => require('papaparse') as typeof Papa

export const iconv = (): typeof Iconv => require('iconv-lite') as typeof Iconv
