import { describe, expect, it } from 'vitest'
import { reportPage } from '@main/reports'
import type { ReportFacts } from '@main/reports'
import { denoisingSpec } from '@shared/domain/task-spec'

const EVIL = `</td><script>alert("1")</script><img src=x onerror='1'>&`
const ESCAPED =
  '&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;'

function facts(): ReportFacts {
  return {
    name: EVIL,
    madeAt: '2026-01-02T03:04:05.000Z',
    version: '9.9.9',
    report: {
      schema: 1,
      task: 'denoising',
      method: 'penalty',
      model: 'logistic',
      seed: 7,
      stopped: 'epochs',
      backend: { name: 'native', version: '2.0', device: 'CPU', threads: 2 },
      data: {},
      metrics: {
        testAccuracy: { trustedOnly: 0.5, noisy: null, bilevel: 0.75, cleaned: 0.8 },
        kept: 90,
        flagged: 10,
        threshold: 0.5,
        bestEpoch: 1,
        recommendation: { classifier: 'cleaned', reason: EVIL },
        heldBackAccuracy: {},
        expected: {
          flagged: { expected: 7.4, low: 5, high: 9 },
          kept: { expected: 3, low: 1, high: 12 },
          all: { expected: 10.4, low: 6, high: 21 }
        },
        planted: { planted: 40, found: 30 }
      },
      timing: { seconds: 61, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
      memory: { peakRssMiB: 1, peakTensorMiB: 1 },
      advice: [EVIL],
      spec: denoisingSpec.parse({ task: 'denoising', train: EVIL, trusted: 'b' })
    },
    worst: [
      {
        row: 3,
        file: EVIL,
        given: EVIL,
        suggested: EVIL,
        score: 0.01,
        decision: EVIL,
        cells: [{ name: EVIL, text: EVIL }]
      },
      { row: 4, given: 'cat', suggested: 'dog', score: 0.02, picture: 'data:image/png;base64,AAAA' }
    ],
    decided: { kept: 1, dropped: 2, relabelled: 3 },
    undecided: 4,
    reviewers: {
      people: [
        { name: EVIL, judged: 31, assigned: [], done: 0 },
        { name: 'Ben', judged: 40, assigned: [], done: 0 }
      ],
      agreement: [{ between: [EVIL, 'Ben'], both: 30, agreed: 27, kappa: 0.8, interval: [0.49, 0.93] }],
      disputed: [2, 5]
    },
    changes: [{ row: 3, file: EVIL, given: EVIL, label: EVIL, by: EVIL, at: '2026-01-02T03:04:05.000Z' }],
    command: EVIL,
    spec: EVIL,
    hashes: [{ source: EVIL, sha256: 'ab' }]
  }
}

describe('a report to hand on', () => {
  const page = reportPage(facts())

  it('sets many cells in columns beside each other, and a text over the whole width', () => {
    const cells = (count: number): ReportFacts['worst'] => [
      {
        row: 1,
        given: 'a',
        suggested: 'b',
        score: 0,
        cells: Array.from({ length: count }, (_, i) => ({ name: `c${i}`, text: 'x' }))
      }
    ]
    const looks = [1, 3, 24].map(
      (count) => /class="(examples[^"]*)"/.exec(reportPage({ ...facts(), worst: cells(count) }))?.[1]
    )
    expect(looks).toEqual(['examples rows text', 'examples rows', 'examples rows wide'])
    expect(/class="(examples[^"]*)"/.exec(page)?.[1]).toBe('examples')
  })

  it('takes nothing in the data for markup, and needs no network and no script', () => {
    expect(page).not.toContain('<script')
    expect(page).not.toContain("onerror='1'")
    // Name in title and heading, reason, advice, file, given, suggested, decision, cell, change, command, spec, source.
    expect(page.split(ESCAPED).length - 1).toBeGreaterThanOrEqual(16)
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`)
    expect(page.replaceAll(ESCAPED, '')).not.toMatch(/(src|href)="(?!data:)/)
    expect(page.replaceAll(ESCAPED, '')).not.toMatch(/https?:/)
  })

  it('says that nothing was planted only where nothing else tells how many errors are found', () => {
    const of = (found: object): string => {
      const { report, ...rest } = facts()
      const metrics = { ...report.metrics, planted: undefined, ...found }
      return reportPage({ ...rest, report: { ...report, metrics } as ReportFacts['report'] })
    }
    const detection = { precision: 0.9, recall: 0.8, f1: 0.85, auroc: 0.95, averagePrecision: 0.9 }
    expect(of({})).toContain('No errors were planted in this run')
    expect(of({ detection })).not.toContain('No errors were planted in this run')
  })

  it('says how well errors are found, with intervals, what was decided and how to repeat it', () => {
    const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    expect(text).toContain('10 of 100 labels look wrong')
    expect(text).toContain('among those flagged 7 5 to 9')
    expect(text).toContain('in all 10 6 to 21')
    expect(text).toContain(
      'As a test your trusted examples were given wrong labels, one at a time: it would flag 30 of these 40 (75.0 %)'
    )
    expect(text).toContain('trained on what was kept 80.0 %')
    expect(text).not.toContain('trained on everything as given')
    expect(text).toContain('3 labels corrected, 2 examples left out, 1 label looked at and kept')
    expect(text).toContain('4 flagged examples are not decided')
    expect(text).toContain('Ben 40')
    expect(text).toContain('say the same of 27 of 30: Cohen&#39;s kappa 0.80 (95 % interval 0.49 to 0.93)')
    expect(text).toContain('2 examples still disputed: of these the latest decision counts')
    expect(text).toContain('and 4 more')
    expect(text).toContain('seed 7')
    expect(text).toContain('Bilevel Workbench 9.9.9')
  })

  it('puts pictures inside', () => {
    expect(page).toContain('src="data:image/png;base64,AAAA"')
  })
})
