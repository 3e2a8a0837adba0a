import { badInput } from '../../../shared/domain/failure'
import { ANY_ENCODING, ZipArchive } from '../../file-formats/zip-archive'
import { openArrays } from './array-reader'
import { hasFeatures } from './array-roles'
import { openNpyFolder, openNpz } from './array-source'
import type { SourceCodec } from './codec'

/** NPZ: a zip of NPY arrays, as numpy.savez and savez_compressed write it. */
export const npzCodec: SourceCodec = {
  format: 'npz',

  async recognise(look) {
    if (look.kind === 'folder') {
      const found = look.files.filter((file) => /\.npz$/i.test(file))
      return found.length === 1 ? `a folder with ${found[0]}` : undefined
    }
    if (/\.npz$/i.test(look.path)) return 'a file that ends in .npz'
    if (!look.head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return undefined
    const zip = await ZipArchive.open(look.path, look.name, ANY_ENCODING)
    try {
      return zip.entries.some(({ path }) => path.endsWith('.npy')) ? 'a zip of NPY arrays' : undefined
    } finally {
      await zip.close()
    }
  },

  async open(look) {
    const several = look.files.filter((file) => /\.npz$/i.test(file))
    if (several.length > 1) {
      throw badInput(
        `${look.name} holds several NPZ files: ${several.slice(0, 3).join(', ')}.`,
        'Name one of them.'
      )
    }
    return openArrays(await openNpz(look), look.name)
  }
}

/** A folder of NPY files called x.npy and y.npy, or one file of features with its labels beside it. */
export const npyCodec: SourceCodec = {
  format: 'npy',

  async recognise(look) {
    if (look.kind === 'folder') {
      const arrays = look.files.filter((file) => /\.npy$/i.test(file)).map((file) => file.slice(0, -4))
      return hasFeatures(arrays) ? `a folder with ${arrays.slice(0, 2).join('.npy and ')}.npy` : undefined
    }
    return look.head.subarray(0, 6).equals(Buffer.from('\x93NUMPY', 'latin1')) || /\.npy$/i.test(look.path)
      ? 'an NPY array'
      : undefined
  },

  async open(look) {
    return openArrays(await openNpyFolder(look), look.name)
  }
}
