import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ByteReader, readNpyHeader } from '../../datasets'
import type { DenoisingStart } from '../../../engine/tasks/denoising-inputs'
import { badInput } from '../../../shared/domain/failure'
import { report } from '../../../shared/domain/report'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'

/** Parameters of a run's own classifier, float32 in the order of model.json's layers. */
export const OWN_CLASSIFIER = 'bilevel-classifier.bin'
const WEIGHTS = 'weights.npy'

/** @throws Failure bad-input when startFrom names no finished run */
export function requireStart({ startFrom }: DenoisingSpec): void {
  if (startFrom === undefined || existsSync(path.join(startFrom, WEIGHTS))) return
  throw badInput(
    `${startFrom} (--start-from) holds no ${WEIGHTS} of a denoising run.`,
    'Name the output folder of a run that has ended, or leave it out.'
  )
}

/**
 * Where an earlier run ended: its last importance weights and, where it fits, its own classifier.
 * @throws Failure bad-input when the folder's files are not those of a run
 */
export async function readStart(spec: DenoisingSpec, trusted: number): Promise<DenoisingStart | undefined> {
  const { startFrom } = spec
  if (startFrom === undefined) return undefined
  const weights = await lastWeights(path.join(startFrom, WEIGHTS))
  const classifier = path.join(startFrom, OWN_CLASSIFIER)
  if (!existsSync(classifier) || !isSameSetting(startFrom, spec, trusted)) return { weights }
  // A copy of its own buffer, so that the view is aligned.
  const { buffer } = Uint8Array.from(await readFile(classifier))
  return { weights, lower: new Float32Array(buffer) }
}

async function lastWeights(file: string): Promise<Float32Array> {
  const reader = await ByteReader.openFile(file)
  try {
    const { type, shape, bigEndian, fortranOrder } = await readNpyHeader(reader)
    const [epochs = 0, examples = 0] = shape
    if (type !== 'f4' || bigEndian || fortranOrder || shape.length !== 2 || epochs === 0) {
      throw badInput(
        `${file} holds no weights to start from.`,
        'Start from a run that went through at least one epoch.'
      )
    }
    await reader.skip(4 * examples * (epochs - 1))
    const weights = new Float32Array(examples)
    await reader.fill(new Uint8Array(weights.buffer), 'weights')
    return weights
  } finally {
    reader.close()
  }
}

/**
 * Whether the earlier run had the same classifier and held back the same trusted examples. Otherwise its
 * classifier has learned from examples that shall judge this run's, and would win unfairly.
 */
function isSameSetting(dir: string, spec: DenoisingSpec, trusted: number): boolean {
  try {
    const earlier = report.parse(JSON.parse(readFileSync(path.join(dir, 'report.json'), 'utf8')))
    const was = earlier.spec
    return (
      was.task === 'denoising' &&
      was.trusted === spec.trusted &&
      earlier.data['trusted'] === trusted &&
      was.seed === spec.seed &&
      was.heldBack === spec.heldBack &&
      was.model === spec.model &&
      JSON.stringify(was.hiddenSizes) === JSON.stringify(spec.hiddenSizes)
    )
  } catch {
    // No report, or one that is damaged: nothing is known of its classifier.
    return false
  }
}
