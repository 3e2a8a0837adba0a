import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { WindowFile } from './window-files'

export type Encoding = 'br' | 'gzip'

/** Below this a file is not worth it, in bytes. */
const SMALL = 1024
/** Of a file, made once: more takes seconds for the largest and saves little. */
const BROTLI_QUALITY = 9

/** What a browser takes, the better first; undefined where it takes neither. */
export function encodingFor(accepted: string | undefined): Encoding | undefined {
  const taken = new Map(
    (accepted ?? '').split(',').map((part) => {
      const [name = '', weight = ''] = part.split(';', 2)
      return [name.trim().toLowerCase(), !/^\s*q=0(\.0*)?\s*$/.test(weight)] as const
    })
  )
  return (['br', 'gzip'] as const).find((name) => taken.get(name))
}

/** Files of the window as they travel; each is compressed once, when it is first asked for. */
export class CompressedFiles {
  readonly #kept: Record<Encoding, WeakMap<WindowFile, Promise<Buffer>>> = {
    br: new WeakMap(),
    gzip: new WeakMap()
  }

  /** @returns undefined where it travels as it is: pictures, fonts and small files */
  get(file: WindowFile, encoding: Encoding): Promise<Buffer> | undefined {
    if (!/^text\/|svg/.test(file.type) || file.body.length < SMALL) return undefined
    const kept = this.#kept[encoding]
    const known = kept.get(file)
    if (known) return known
    const made = compress(file.body, encoding)
    kept.set(file, made)
    return made
  }
}

function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gzip') return promisify(gzip)(body)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length
  }
  return promisify(brotliCompress)(body, { params })
}
