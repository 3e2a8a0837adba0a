import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { pickle } from '../../datasets'
import type { PickledImage } from '../../datasets'
import type { CleanLabelResult } from '../../../engine/tasks/clean-label/train'
import { writeAtomically } from '../../files/write-atomically'

const BENCHMARK_FOLDER = 'benchmark'

/** Largest Linf that poisoning-benchmark's evaluator takes (nominally 8/255, with one level for rounding). */
export const BENCHMARK_LINF = 9 / 255

/**
 * Every trial in poisoning-benchmark's layout: benchmark/<trial>/ with poisons.pickle, a list of (PIL image,
 * label); base_indices.pickle, rows of the training data in the same order; and target.pickle, (PIL image, true
 * class). benchmark/setups.pickle lists the trials as that benchmark's own set-ups do.
 * @param images the poisons as exported, row-major [trials * poisons, size]
 */
export async function writeBenchmark(
  outputDir: string,
  result: CleanLabelResult,
  images: Float32Array,
  shape: readonly number[]
): Promise<void> {
  const folder = path.join(outputDir, BENCHMARK_FOLDER)
  const size = shape.reduce((product, side) => product * side, 1)
  const { trials, settings } = result
  for (const [index, trial] of trials.entries()) {
    const dir = path.join(folder, String(index))
    await mkdir(dir, { recursive: true })
    const poisons = Array.from(trial.bases, (_, j) => {
      const from = (index * settings.poisons + j) * size
      return { tuple: [imageOf(images.subarray(from, from + size), shape), trial.poisonClass] as const }
    })
    const target = imageOf(result.targetImages.subarray(index * size, (index + 1) * size), shape)
    await writeAtomically(path.join(dir, 'poisons.pickle'), pickle(poisons))
    await writeAtomically(path.join(dir, 'base_indices.pickle'), pickle([...trial.bases]))
    await writeAtomically(path.join(dir, 'target.pickle'), pickle({ tuple: [target, trial.targetClass] }))
  }
  const setups = trials.map((trial) => ({
    dict: {
      'target class': trial.targetClass,
      'target index': trial.target,
      'base class': trial.poisonClass,
      'base indices': [...trial.bases]
    }
  }))
  await writeAtomically(path.join(folder, 'setups.pickle'), pickle(setups))
}

function imageOf(
  values: Float32Array,
  [height = 1, width = 1, channels = 1]: readonly number[]
): PickledImage {
  const pixels = Uint8Array.from(values, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)))
  return { width, height, channels: channels === 1 ? 1 : 3, pixels }
}
