import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { Failure, badInput } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import { ByteReader, readNpyHeader } from '../datasets'

const NAME = 'weights.npy'
const WORD = 4

/**
 * An example's importance weight after each epoch: one column of weights.npy, read in place, so that a run of
 * any size costs the same.
 * @throws Failure not-found when the run left no weights
 */
export async function weightTrajectory({ outputDir }: RunRecord, row: number): Promise<number[]> {
  const file = path.join(outputDir, NAME)
  const { start, epochs, examples } = await layoutOf(file)
  if (row >= examples) throw badInput(`There is no example ${row}: there are ${examples}.`, 'Count from 0.')
  return await reading(file, async (handle) => {
    const weights: number[] = []
    for (let epoch = 0; epoch < epochs; epoch++) {
      weights.push((await floatsAt(handle, file, start + WORD * (epoch * examples + row), 1))[0]!)
    }
    return weights
  })
}

/**
 * How far each example's importance weight is from the first epoch to the last, -1..1.
 * @throws Failure not-found when the run left no weights
 */
export async function weightChanges({ outputDir }: RunRecord): Promise<Float32Array> {
  const file = path.join(outputDir, NAME)
  const { start, epochs, examples } = await layoutOf(file)
  return await reading(file, async (handle) => {
    const first = await floatsAt(handle, file, start, examples)
    const last = await floatsAt(handle, file, start + WORD * (epochs - 1) * examples, examples)
    return last.map((weight, row) => weight - first[row]!)
  })
}

async function layoutOf(file: string): Promise<{ start: number; epochs: number; examples: number }> {
  const reader = await ByteReader.openFile(file).catch((error: unknown) => {
    throw new Failure('not-found', 'The run left no weights over its epochs.', 'Run it again.', {
      cause: error
    })
  })
  try {
    const { type, bigEndian, fortranOrder, shape } = await readNpyHeader(reader)
    if (type !== 'f4' || bigEndian || fortranOrder || shape.length !== 2) {
      throw badInput(`${file} is not as a run writes it.`, 'Run it again.')
    }
    const [epochs = 0, examples = 0] = shape
    return { start: reader.position, epochs, examples }
  } finally {
    reader.close()
  }
}

async function reading<T>(file: string, act: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file)
  try {
    return await act(handle)
  } finally {
    await handle.close()
  }
}

async function floatsAt(
  handle: FileHandle,
  file: string,
  position: number,
  count: number
): Promise<Float32Array> {
  const bytes = Buffer.alloc(WORD * count)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, position)
  if (bytesRead < bytes.length) throw badInput(`${file} is truncated.`, 'Run it again.')
  return Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(WORD * i))
}
