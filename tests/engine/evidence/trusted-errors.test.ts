import { describe, expect, it } from 'vitest'
import { trustedErrors } from '@engine/evidence/trusted-errors'
import { LabelBeliefs } from '@engine/evidence/wrong-labels'
import { Random } from '@shared/numerics/random'

const CLASSES = 3
const TRUSTED = 60
const ROWS = 1500
const DOUBTFUL = ROWS - TRUSTED

interface Made {
  readonly opinion: Float32Array
  readonly labels: Int32Array
  readonly isWrong: boolean[]
}

/** One calibrated opinion; labels made wrong at random, trusted ones by a rate of their own. @param overlap of the classes */
function made(noise: number, trustedNoise: number, overlap: number, seed: number): Made {
  const random = Random.derive(seed, 'trusted errors')
  const opinion = new Float32Array(ROWS * CLASSES)
  const isWrong: boolean[] = []
  const labels = Int32Array.from({ length: ROWS }, (_, row) => {
    const favoured = random.below(CLASSES)
    const other = (favoured + 1 + random.below(CLASSES - 1)) % CLASSES
    const doubt = overlap * random.uniform()
    for (let k = 0; k < CLASSES; k++) {
      opinion[row * CLASSES + k] = k === favoured ? 1 - doubt - 0.01 : k === other ? doubt + 0.005 : 0.005
    }
    const truth = random.uniform() < doubt ? other : favoured
    isWrong.push(random.uniform() < (row < DOUBTFUL ? noise : trustedNoise))
    return isWrong[row] ? (truth + 1 + random.below(CLASSES - 1)) % CLASSES : truth
  })
  return { opinion, labels, isWrong }
}

function believed({ opinion, labels }: Made, judged?: Int32Array): LabelBeliefs {
  return new LabelBeliefs([opinion], labels, CLASSES, DOUBTFUL, 0, { judged })
}

/** Share of the wrong ones that have a probability over a half, and of those that have one, the wrong ones. */
function found(beliefs: LabelBeliefs, isWrong: readonly boolean[]): { recall: number; precision: number } {
  const rows = [...beliefs.logOdds().keys()].filter((row) => beliefs.of(row).logOdds > 0)
  const hits = rows.filter((row) => isWrong[row]).length
  const all = isWrong.slice(0, DOUBTFUL).filter(Boolean).length
  return { recall: hits / all, precision: hits / rows.length }
}

describe('trusted labels that are wrong as often as the others', () => {
  const data = made(0.2, 0.2, 0.3, 1)
  const beliefs = believed(data)

  it('are noticed, and how many', () => {
    const wrong = data.isWrong.slice(DOUBTFUL).filter(Boolean).length
    expect(Math.abs(beliefs.trustedErrors!.share * TRUSTED - wrong)).toBeLessThan(4)
  })

  it('do not hide the errors of the others', () => {
    const misled = new LabelBeliefs([data.opinion], data.labels, CLASSES, DOUBTFUL, 0, {
      doubts: { count: TRUSTED, share: 0, isPlain: true, right: new Float64Array(TRUSTED).fill(1) }
    })
    const clean = made(0.2, 0, 0.3, 1)
    const asIfRight = found(believed(clean), clean.isWrong)
    const { recall, precision } = found(beliefs, data.isWrong)
    expect(recall).toBeGreaterThan(asIfRight.recall - 0.05)
    expect(precision).toBeGreaterThan(asIfRight.precision - 0.05)
    expect(found(misled, data.isWrong).recall).toBeLessThan(recall - 0.1)
  })

  it('are told from those that are right', () => {
    const { right } = beliefs.trustedErrors!
    const doubted = [...right.keys()].filter((i) => right[i]! < 0.5)
    expect(doubted.length).toBeGreaterThan(5)
    expect(doubted.filter((i) => !data.isWrong[DOUBTFUL + i]).length).toBeLessThan(3)
  })
})

describe('trusted labels that are right', () => {
  it.for([
    [0.2, 0.3],
    [0.4, 0.3],
    [0.2, 0.8],
    [0, 0.8],
    [0, 0.3]
  ] as const)('are believed: %d wrong of the others, classes overlapping by %d', ([noise, overlap]) => {
    for (let seed = 0; seed < 5; seed++) {
      const beliefs = believed(made(noise, 0, overlap, seed))
      expect(beliefs.trustedErrors).toBeUndefined()
    }
  })

  it('are believed of a person, whatever is thought of the others', () => {
    const data = made(0.2, 0.2, 0.3, 1)
    const judged = data.labels.slice(DOUBTFUL)
    expect(believed(data, judged).trustedErrors).toBeUndefined()
  })

  it('are believed where they are too few to tell', () => {
    const { opinion, labels } = made(0.2, 0.2, 0.3, 1)
    const rows = DOUBTFUL + 9
    const data = {
      opinions: [Float64Array.from(opinion.subarray(0, rows * CLASSES), Math.log)],
      labels: labels.subarray(0, rows),
      classes: CLASSES,
      doubtful: DOUBTFUL
    }
    expect(trustedErrors(data)).toBeUndefined()
  })
})
