/** How a camera was held: 1 to 8, as Exif counts. */
const ORIENTATION_TAG = 0x0112
const SHORT = 3

/** The orientation in a block of Exif (a TIFF structure); undefined where it tells none. */
export function exifOrientation(exif: Buffer): number | undefined {
  const tiff = exif.subarray(0, 6).toString('latin1') === 'Exif\0\0' ? exif.subarray(6) : exif
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return undefined
  const little = order === 'II'
  const u16 = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (directory + 2 > tiff.length) return undefined
  const entries = u16(directory)
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.length; i++, at += 12) {
    if (u16(at) === ORIENTATION_TAG && u16(at + 2) === SHORT) return known(u16(at + 8))
  }
  return undefined
}

/** The orientation in XMP, which Pillow takes where Exif has none. */
export function xmpOrientation(bytes: Buffer): number | undefined {
  const at = bytes.indexOf('tiff:Orientation')
  if (at < 0) return undefined
  const found = /^tiff:Orientation(?:="|>)(\d)/.exec(bytes.toString('latin1', at, at + 24))
  return found ? known(Number(found[1])) : undefined
}

function known(orientation: number): number | undefined {
  return orientation >= 1 && orientation <= 8 ? orientation : undefined
}
