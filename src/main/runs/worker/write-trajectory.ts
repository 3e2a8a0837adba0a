import type { DenoisingResult } from '../../../engine/tasks/denoising/result'
import { writeAtomically } from '../../files/write-atomically'

/** weights.npy: importance weights after each epoch, float32 [epochs, examples] (NPY 1.0). */
export async function writeTrajectory(file: string, result: DenoisingResult): Promise<void> {
  const count = result.evidence.weight.length
  const rows = result.trajectory
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${count}), }`
  // Magic, version and length take 10 bytes; the header ends in a newline and is padded to a multiple of 64.
  const padded = description.padEnd(Math.ceil((description.length + 11) / 64) * 64 - 11) + '\n'
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8])
  const parts = rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength))
  await writeAtomically(file, Buffer.concat([prefix, Buffer.from(padded, 'latin1'), ...parts]))
}
