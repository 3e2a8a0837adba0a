import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ByteReader, partsOfReference, readNpyHeader } from '../../datasets'
import type { DenoisingStart } from '../../../engine/tasks/denoising/inputs'
import { badInput, Failure } from '../../../shared/domain/failure'
import { pinOf } from '../../../shared/domain/pin'
import { parseReport, type Report } from '../../../shared/domain/report'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'

/** Parameters of a run's own classifier, float32 in the order of model.json's layers. */
export const OWN_CLASSIFIER = 'bilevel-classifier.bin'
const WEIGHTS = 'weights.npy'

/** @throws Failure bad-input when startFrom names no finished run, conflict when that had other training data */
export function requireStart(spec: DenoisingSpec): void {
  const { startFrom } = spec
  if (startFrom === undefined) return
  if (existsSync(path.join(startFrom, WEIGHTS))) {
    const earlier = readEarlier(startFrom)
    if (earlier?.spec.task !== 'denoising' || haveSameContent('train', earlier.spec, spec)) return
    throw new Failure(
      'conflict',
      `The run in ${startFrom} (--start-from) was trained on other data than ${spec.train} (--train).`,
      'Name the data it was trained on, or leave --start-from out.'
    )
  }
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
  if (buffer.byteLength % 4 !== 0) {
    throw badInput(`${classifier} (--start-from) is damaged.`, 'Start from another run, or leave it out.')
  }
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
  const earlier = readEarlier(dir)
  const was = earlier?.spec
  return (
    was?.task === 'denoising' &&
    was.trusted === spec.trusted &&
    haveSameContent('trusted', was, spec) &&
    earlier?.data['trusted'] === trusted &&
    was.seed === spec.seed &&
    was.heldBack === spec.heldBack &&
    was.model === spec.model &&
    JSON.stringify(was.hiddenSizes) === JSON.stringify(spec.hiddenSizes)
  )
}

/** Undefined where nothing is known of the run: no report, or one that is damaged. */
function readEarlier(dir: string): Report | undefined {
  try {
    return parseReport(JSON.parse(readFileSync(path.join(dir, 'report.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether what two specs name is the same; a run of before there were pins is believed. */
function haveSameContent(field: 'train' | 'trusted', a: DenoisingSpec, b: DenoisingSpec): boolean {
  const contents = ({ pins, [field]: reference }: DenoisingSpec): string | undefined =>
    pins && reference !== false
      ? JSON.stringify(
          partsOfReference(reference, { pins }).map((part) => pinOf(pins, part.source)?.contentHash)
        )
      : undefined
  const [before, now] = [contents(a), contents(b)]
  return before === undefined || now === undefined || before === now
}
