import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { believeLabels, cutForFlags } from '@engine/tasks/denoising/label-evidence'
import type { LabelEvidence, Room } from '@engine/tasks/denoising/label-evidence'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import type { TimeBudget } from '@engine/tasks/denoising/time-budget'
import { Random } from '@shared/numerics/random'
import { heldRows } from '@support/held-rows'

const COUNT = 1800
const TRUSTED = 24
const CLASSES = 3
const WIDTH = 4
/** Bytes of an example's features, and of its logits in five folds. */
const EACH = 4 * (WIDTH + 5 * CLASSES)
const QUARTERS: Room = { together: EACH * 1000, part: EACH * 450 }

/** Gaussian classes one after the other, a fifth of the labels wrong; the last examples are right. */
const random = Random.derive(3, 'parts')
const truth = Int32Array.from({ length: COUNT + TRUSTED }, (_, i) =>
  i < COUNT ? Math.floor((i * CLASSES) / COUNT) : i % CLASSES
)
const features = Float32Array.from({ length: truth.length * WIDTH }, (_, i) => {
  const isOwn = i % WIDTH === truth[Math.floor(i / WIDTH)]
  return (isOwn ? 3 : 0) + random.normal()
})
const labels = truth.map((label, i) =>
  i < COUNT && random.uniform() < 0.2 ? (label + 1 + random.below(2)) % CLASSES : label
)
const wrong = Uint8Array.from({ length: COUNT }, (_, i) => Number(labels[i] !== truth[i]))

class Counted extends ResidentExamples {
  /** The most examples that were read at once. */
  atOnce = 0

  constructor(from: number, count: number) {
    const own = features.subarray(from * WIDTH, (from + count) * WIDTH)
    super(heldRows(own, labels.slice(from, from + count), ['a', 'b', 'c']))
  }

  override read(rows: ArrayLike<number>): Float32Array {
    this.atOnce = Math.max(this.atOnce, rows.length)
    return super.read(rows)
  }
}

/** @returns the evidence, the shares of progress, and the most examples read at once */
async function judged(
  room?: Room,
  budget?: TimeBudget
): Promise<{ evidence: LabelEvidence; progress: number[]; atOnce: number }> {
  const train = new Counted(0, COUNT)
  const progress: number[] = []
  const trusted = {
    examples: new Counted(COUNT, TRUSTED),
    rows: Int32Array.from({ length: TRUSTED }, (_, i) => i)
  }
  const evidence = await believeLabels(train, trusted, 1, async (done) => void progress.push(done), {
    // Two examples are trusted as well, one of them with another label than it had.
    twins: new Map([
      [0, { row: 0 }],
      [700, { row: 1, given: 0 }]
    ]),
    room,
    budget
  })
  return { evidence, progress, atOnce: train.atOnce }
}

let together: LabelEvidence
beforeAll(async () => {
  await selectBackend('wasm')
  together = (await judged()).evidence
})

it('judges parts of what is too large as well as all together, classes in a row or not', async () => {
  const { evidence, progress, atOnce } = await judged(QUARTERS)
  expect(atOnce).toBe(450)
  expect(new Set(progress).size).toBe(4 * 6)
  expect(progress.toSorted((a, b) => a - b)).toEqual(progress)
  expect(progress.at(-1)).toBe(1)
  const aurocOf = ({ right, flags }: LabelEvidence): number => {
    const cut = cutForFlags(right, flags)
    return detectionOf(
      right,
      Uint8Array.from(right, (score) => Number(score < cut)),
      wrong
    ).auroc
  }
  expect(aurocOf(together)).toBeGreaterThan(0.95)
  expect(aurocOf(evidence)).toBeGreaterThan(aurocOf(together) - 0.01)
  expect(Math.abs(evidence.flags - together.flags)).toBeLessThan(0.1 * together.flags)
  const { low, high } = evidence.expected.all
  const there = wrong.reduce((sum, one) => sum + one, 0)
  expect(low).toBeLessThanOrEqual(there)
  expect(high).toBeGreaterThanOrEqual(there)
  // Strengths are powers of ten for the rows of a part, which are a quarter of all.
  expect(Math.log10(4 * evidence.c) % 1).toBeCloseTo(0, 6)
})

it('keeps what stands in its place', async () => {
  const { evidence } = await judged(QUARTERS)
  expect(evidence.right[0]).toBe(1)
  expect(evidence.right[700]).toBe(1)
  const agree = evidence.likeliest.filter((label, row) => label === together.likeliest[row]).length
  expect(agree / COUNT).toBeGreaterThan(0.97)
  for (let row = 0; row < COUNT; row += 100) {
    const shares = evidence.crossValidated.subarray(row * CLASSES, (row + 1) * CLASSES)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4)
  }
})

it('leaves out what is asked last where time is up, and still judges every label', async () => {
  const aurocOf = (right: Float32Array): number => detectionOf(right, new Uint8Array(COUNT), wrong).auroc
  for (const room of [undefined, QUARTERS]) {
    const { evidence, progress } = await judged(room, { left: () => 0 })
    expect(evidence.isCut).toBe(true)
    expect(new Set(progress).size).toBeLessThan(room ? 4 * 6 : 6)
    expect(evidence.right.every((right) => right >= 0 && right <= 1)).toBe(true)
    expect(aurocOf(evidence.right)).toBeGreaterThan(aurocOf(together.right) - 0.05)
  }
  expect(together.isCut).toBe(false)
})

it('makes the second pass only where as much time is left as the first took', async () => {
  const steps = async (seconds: number): Promise<number> => {
    let left = seconds
    // Each look at the clock takes a second.
    return (await judged(undefined, { left: () => left-- })).progress.length
  }
  expect(await steps(6)).toBeLessThan(await steps(60))
})
