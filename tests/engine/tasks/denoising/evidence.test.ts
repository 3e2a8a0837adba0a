import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { gatherEvidence, ofEach } from '@engine/tasks/denoising/evidence'
import { issueColumns } from '@main/datasets'
import { EVIDENCE, evidenceTitle } from '@shared/domain/evidence'

const FOLDER = path.join(import.meta.dirname, '../../../../src/shared/domain/evidence')

/** Two examples of two classes. */
const run = {
  labels: Int32Array.of(0, 1),
  weights: Float32Array.of(0.25, 0.75),
  probabilities: { own: Float32Array.of(0.5, 0.5, 0.25, 0.75), trusted: Float32Array.of(1, 0, 1, 0) }
}
const crossValidated = Float32Array.of(0.125, 0.875, 0.5, 0.5)

describe('the table of evidence', () => {
  test('names every kind that has a file', () => {
    const files = readdirSync(FOLDER).filter((name) => !['index.ts', 'kind.ts'].includes(name))
    const ids = files.map((name) => /id: '(\w+)'/.exec(readFileSync(path.join(FOLDER, name), 'utf8'))?.[1])
    expect(ids.sort()).toEqual(EVIDENCE.map(({ id }) => id).sort())
  })

  test('tells kinds apart by id, column and title, each with a sentence', () => {
    for (const field of ['id', 'column', 'title', 'text'] as const) {
      expect(new Set(EVIDENCE.map((kind) => kind[field])).size).toBe(EVIDENCE.length)
    }
    for (const { text } of EVIDENCE) expect(text).toMatch(/^[A-Z].*\.$/)
    expect(evidenceTitle('combined')).toBe('All evidence')
  })
})

describe('evidence of a run', () => {
  test('is what each kind says of the given label', async () => {
    const evidence = await gatherEvidence({ ...run, probabilities: { ...run.probabilities, crossValidated } })
    expect(ofEach(evidence, (scores) => [...scores])).toMatchObject({
      weight: [0.25, 0.75],
      bilevel: [0.5, 0.75],
      trusted: [1, 0],
      crossValidated: [0.125, 0.5]
    })
    expect(Object.keys(ofEach(evidence, String)).at(-1)).toBe('combined')
  })

  test('lacks what the run was not asked for', async () => {
    const evidence = await gatherEvidence(run)
    expect(evidence.crossValidated).toBeUndefined()
    expect(evidence.combined).toHaveLength(2)
  })

  test('stands in the columns of issues.csv, in their order', async () => {
    const evidence = await gatherEvidence({ ...run, probabilities: { ...run.probabilities, crossValidated } })
    const columns = issueColumns(
      {
        ...evidence,
        combined: Float32Array.of(0.1, 0.2),
        classNames: ['cat', 'dog'],
        given: run.labels,
        predicted: Int32Array.of(1, 1),
        flagged: Uint8Array.of(1, 0),
        files: ['a.png', 'b.png'],
        truth: Int32Array.of(1, 1)
      },
      [['decision', () => 'drop']]
    )
    expect(columns.map(([name, cell]) => [name, cell(0)])).toEqual([
      ['index', '0'],
      ['given_label', 'cat'],
      ['predicted_label', 'dog'],
      ['is_label_issue', 'True'],
      ['label_score', '0.25'],
      ['combined_score', '0.100000001'],
      ['bilevel_score', '0.5'],
      ['trusted_score', '1'],
      ['decision', 'drop'],
      ['cross_validated_score', '0.125'],
      ['file', 'a.png'],
      ['true_label', 'dog']
    ])
  })
})
