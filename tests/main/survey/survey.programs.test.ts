import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DatasetStore, npyFile, resolveReference } from '@main/datasets'
import { findSurvey, layOut, mapOf, surveyExamples } from '@main/survey'
import { openWorkspace } from '@main/runs'
import type { Survey } from '@shared/domain/finding'
import { Random } from '@shared/numerics/random'
import { npzFile } from '@support/array-files'
import { bilevel, temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const SIDE = 12
const SIZE = SIDE * SIDE
const TRAIN = 300
const TEST = 60
/** Copies in the data: of which row, in which row, and whether a little is changed. */
const EXACT = { of: 10, at: 200 }
const NEAR = { of: 20, at: 210 }
/** In the test split, of a training row; the last with another label. */
const LEAKED = { of: 30, at: TRAIN + 5 }
const CONFLICTING = { of: 40, at: TRAIN + 6 }
const DARK = 50
const BRIGHT = 51
const BLANK = 52

function pictures(): { x: Uint8Array; y: Int32Array } {
  const random = Random.derive(1, 'pictures')
  const x = Uint8Array.from({ length: (TRAIN + TEST) * SIZE }, () => random.below(256))
  const y = Int32Array.from({ length: TRAIN + TEST }, (_, row) => row % 3)
  const picture = (row: number): Uint8Array => x.subarray(row * SIZE, (row + 1) * SIZE)
  picture(EXACT.at).set(picture(EXACT.of))
  for (const { of, at } of [NEAR, LEAKED, CONFLICTING])
    picture(at).set(picture(of).map((value) => Math.min(255, value + (value % 3))))
  picture(DARK).set(picture(DARK).map((value) => value >> 3))
  picture(BRIGHT).set(picture(BRIGHT).map((value) => 250 + (value % 6)))
  picture(BLANK).fill(128)
  for (const { of, at } of [EXACT, NEAR, LEAKED]) y[at] = y[of]!
  y[CONFLICTING.at] = (y[CONFLICTING.of]! + 1) % 3
  return { x, y }
}

function pictureFile(): string {
  const { x, y } = pictures()
  const file = path.join(dir, 'pictures.npz')
  const array = (values: Uint8Array | Int32Array, shape: number[]): Buffer => npyFile({ values, shape })
  writeFileSync(
    file,
    npzFile({
      x: array(x.subarray(0, TRAIN * SIZE), [TRAIN, SIDE, SIDE, 1]),
      y: array(y.subarray(0, TRAIN), [TRAIN]),
      x_test: array(x.subarray(TRAIN * SIZE), [TEST, SIDE, SIDE, 1]),
      y_test: array(y.subarray(TRAIN), [TEST])
    })
  )
  return file
}

const rowsOf = (survey: Survey, kind: string): readonly number[] =>
  [...survey.findings.find((finding) => finding.kind === kind)!.rows].sort((a, b) => a - b)

describe('a survey of pictures', () => {
  const workspace = path.join(dir, 'workspace')
  const common = ['--workspace', workspace, '--quiet']

  it('lists what was planted, and nothing else', async () => {
    const imported = await bilevel(['datasets', 'import', pictureFile(), '--name', 'pictures', ...common])
    expect(imported.stderr).toBe('')
    const out = path.join(dir, 'findings')
    const { code, stdout } = await bilevel([
      'datasets',
      'check',
      'pictures',
      '--out',
      out,
      '--json',
      ...common
    ])
    expect(code).toBe(0)
    const survey = JSON.parse(stdout) as Survey
    expect(rowsOf(survey, 'exact_duplicate')).toEqual([EXACT.at])
    expect(rowsOf(survey, 'near_duplicate')).toEqual([NEAR.at, LEAKED.at, CONFLICTING.at])
    expect(rowsOf(survey, 'leakage')).toEqual([LEAKED.of, CONFLICTING.of, LEAKED.at, CONFLICTING.at])
    expect(rowsOf(survey, 'conflict')).toEqual([CONFLICTING.of, CONFLICTING.at])
    expect(rowsOf(survey, 'dark')).toEqual([DARK])
    expect(rowsOf(survey, 'light')).toEqual([BRIGHT])
    expect(rowsOf(survey, 'low_information')).toEqual([BLANK])
    const near = survey.findings.find(({ kind }) => kind === 'near_duplicate')!
    expect(near.partners![near.rows.indexOf(NEAR.at)]).toBe(NEAR.of)
    const lines = readFileSync(path.join(out, 'findings.csv'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(TRAIN + TEST + 1)
    const column = lines[0]!.split(',').indexOf('is_exact_duplicate_issue')
    const found = lines.slice(1).filter((line) => line.split(',')[column] === 'True')
    expect(found.map((line) => Number(line.split(',')[0]))).toEqual([EXACT.at])
  })

  it('is the same when it is made again', async () => {
    const again = await bilevel([
      'datasets',
      'check',
      pictureFile(),
      '--out',
      path.join(dir, 'again'),
      ...common
    ])
    expect(again.code).toBe(0)
    expect(readFileSync(path.join(dir, 'again/findings.csv'), 'utf8')).toBe(
      readFileSync(path.join(dir, 'findings/findings.csv'), 'utf8')
    )
  })

  it('what is left out is left out of exports, until it is taken back', async () => {
    const opened = openWorkspace(workspace)
    const { exclusions } = opened.trust
    const list = await bilevel(['datasets', 'list', '--json', ...common])
    const { id } = (JSON.parse(list.stdout) as { id: string; name: string }[]).find(
      ({ name }) => name === 'pictures'
    )!
    const decision = { action: 'drop' as const }
    exclusions.decide(id, [{ row: EXACT.at, decision }], 'leave out')
    exclusions.decide(id, [{ row: DARK, decision }], 'leave out')
    exclusions.undo(id)
    exclusions.decide(id, [{ row: BRIGHT, decision: { action: 'keep' } }], 'keep')
    opened.close()
    const out = path.join(dir, 'out')
    const { stdout } = await bilevel(['datasets', 'export', 'pictures#train', '--out', out, ...common])
    expect(stdout).toContain('299 examples')
    expect(stdout).toContain('1 examples left out')
    const { y } = pictures()
    const written = await resolveReference(new DatasetStore(path.join(dir, 'read')), out)
    onTestFinished(() => written.close())
    expect(Array.from(written.givenLabels)).toEqual(
      Array.from(y.subarray(0, TRAIN)).filter((_, row) => row !== EXACT.at)
    )
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      changes: { row: number; action: string; decidedBy: string }[]
    }
    expect(manifest.changes).toMatchObject([{ row: EXACT.at, action: 'drop', decidedBy: 'survey' }])
  })

  it('refuses data that are not there, in one line', async () => {
    const { code, stderr } = await bilevel(['datasets', 'check', 'nowhere', ...common])
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('a survey of a table with texts', () => {
  it('finds copies, empty rows and long texts', async () => {
    const random = Random.derive(2, 'words')
    const word = (): string =>
      Array.from({ length: 3 + random.below(6) }, () => 'abcdefghijklmnopqrstuvwxyz'[random.below(26)]).join(
        ''
      )
    const texts = Array.from({ length: 200 }, () => Array.from({ length: 8 }, word).join(' '))
    texts[100] = texts[5]!
    texts[101] = `${texts[6]!.toUpperCase()}!`
    texts[102] = ''
    texts[103] = Array.from({ length: 900 }, word).join(' ')
    const file = path.join(dir, 'texts.csv')
    writeFileSync(file, ['text,label', ...texts.map((text, i) => `${text},${i % 2 ? 'a' : 'b'}`)].join('\n'))
    const { stdout } = await bilevel([
      'datasets',
      'check',
      file,
      '--json',
      '--quiet',
      '--workspace',
      path.join(dir, 'texts')
    ])
    const survey = JSON.parse(stdout) as Survey
    expect(rowsOf(survey, 'exact_duplicate')).toEqual([100])
    expect(rowsOf(survey, 'near_duplicate')).toEqual([101])
    expect(rowsOf(survey, 'empty')).toEqual([102])
    expect(rowsOf(survey, 'long')).toEqual([103])
    expect(rowsOf(survey, 'conflict')).toEqual([5, 6, 100, 101])
  })
})

describe('a map', () => {
  it('keeps groups apart by UMAP, the same each time', async () => {
    const random = Random.derive(5, 'groups')
    const groups = 4
    const lines = Array.from({ length: 240 }, (_, i) => {
      const cells = Array.from({ length: 6 }, (__, j) => (j === i % groups ? 8 : 0) + random.normal())
      return [...cells, `class ${i % groups}`].join(',')
    })
    const file = path.join(dir, 'groups.csv')
    writeFileSync(file, ['a,b,c,d,e,f,label', ...lines].join('\n'))
    const workspace = path.join(dir, 'maps')
    const selection = await resolveReference(new DatasetStore(path.join(workspace, 'datasets')), file)
    onTestFinished(() => selection.close())
    const folder = await surveyExamples(workspace, selection)
    expect(await findSurvey(workspace, selection)).toBe(folder)
    expect(mapOf(folder, 'pca')!.byteLength).toBe(240 * 8)
    expect(mapOf(folder, 'umap')).toBeUndefined()
    await layOut(folder)
    const first = mapOf(folder, 'umap')!
    const places = new Float32Array(new Uint8Array(first).buffer)
    const distance = (a: number, b: number): number =>
      Math.hypot(places[2 * a]! - places[2 * b]!, places[2 * a + 1]! - places[2 * b + 1]!)
    for (let row = 0; row < 240; row++) {
      const others = Array.from({ length: 240 }, (_, other) => other).filter((other) => other !== row)
      const nearest = others.reduce((best, other) =>
        distance(row, other) < distance(row, best) ? other : best
      )
      expect(nearest % groups).toBe(row % groups)
    }
    rmSync(path.join(folder, 'umap.f32'))
    await layOut(folder)
    expect(mapOf(folder, 'umap')!.equals(first)).toBe(true)
  })
})
