import { open } from 'node:fs/promises'
import path from 'node:path'
import { Failure, badInput } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import { ByteReader, readNpyHeader } from '../datasets'

/**
 * An example's importance weight after each epoch: one column of weights.npy, read in place, so that a run of
 * any size costs the same.
 * @throws Failure not-found when the run left no weights
 */
export async function weightTrajectory({ outputDir }: RunRecord, row: number): Promise<number[]> {
  const file = path.join(outputDir, 'weights.npy')
  const reader = await ByteReader.openFile(file).catch((error: unknown) => {
    throw new Failure('not-found', 'The run left no weights over its epochs.', 'Run it again.', {
      cause: error
    })
  })
  let start: number
  let shape: readonly number[]
  try {
    const header = await readNpyHeader(reader)
    start = reader.position
    shape = header.shape
    if (header.type !== 'f4' || header.bigEndian || header.fortranOrder || shape.length !== 2) {
      throw badInput(`${file} is not as a run writes it.`, 'Run it again.')
    }
  } finally {
    reader.close()
  }
  const [epochs = 0, examples = 0] = shape
  if (row >= examples) throw badInput(`There is no example ${row}: there are ${examples}.`, 'Count from 0.')
  const handle = await open(file)
  try {
    const weights: number[] = []
    const cell = Buffer.alloc(4)
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { bytesRead } = await handle.read(cell, 0, 4, start + 4 * (epoch * examples + row))
      if (bytesRead < 4) throw badInput(`${file} is truncated.`, 'Run it again.')
      weights.push(cell.readFloatLE())
    }
    return weights
  } finally {
    await handle.close()
  }
}
