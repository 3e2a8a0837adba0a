import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveReference } from '@main/datasets'
import { decisionNews } from '@shared/domain/decision'
import { hasJobEnded } from '@shared/domain/job'
import type { IssueTable } from '@shared/domain/review'
import { until } from '@support/command'
import { handledWorkspace } from '@support/handled-workspace'
import { noisyDigits } from '@support/noisy-digits'
import { exportsOf, reviewsOf } from '@support/procedures'
import { seededRun } from '@support/seeded-run'

const { dir, context, close } = handledWorkspace()
const { workspace, datasets, jobs } = context
const reviews = reviewsOf(context)
const exports = exportsOf(context)
let run: string
let table: IssueTable

/** A run that nobody trained: it flags each tenth label that is right, and most that are wrong, whose true class it suggests. */
beforeAll(async () => {
  const { id } = await noisyDigits(datasets, dir)
  const data = datasets.open(id)
  const nameOf = (label: number): string => data.classNames[label]!
  const findings = Array.from(data.labels, (label, row) => {
    const truth = data.truth![row]!
    const isWrong = truth !== label
    const predicted = isWrong ? truth : (label + 1) % data.classNames.length
    return { given: nameOf(label), predicted: nameOf(predicted), flagged: isWrong === (row % 10 !== 0) }
  })
  data.close()
  run = await seededRun({ workspace, datasets }, 'noisy', findings)
  table = await reviews.issues({ run })
})
afterAll(close)

type WriteInput = Parameters<typeof exports.write>[0]
type WriteNews = Awaited<ReturnType<typeof exports.write>> extends AsyncIterable<infer News> ? News : never

async function write(input: Partial<WriteInput> & Pick<WriteInput, 'out' | 'format'>): Promise<{
  done: Extract<WriteNews, { type: 'done' }>
  phases: Set<string>
}> {
  const phases = new Set<string>()
  for await (const news of await exports.write({ run, dataset: null, undecided: 'drop', ...input })) {
    if (news.type === 'done') return { done: news, phases }
    phases.add(news.phase)
  }
  throw new Error('The stream ended without a result.')
}

/** A folder of one class that holds one picture. */
async function onlyPicture(from: string, name: string): Promise<string> {
  const folder = path.join(dir, 'one', 'class')
  await mkdir(folder, { recursive: true })
  await copyFile(path.join(from, name), path.join(folder, path.basename(name)))
  return path.dirname(folder)
}

describe('decisions', () => {
  const flagged = (): number[] => table.given.map((_, row) => row).filter((row) => table.flagged[row])

  test('are applied to an export, which is read back with every reason in its manifest', async () => {
    const [first, second, third] = flagged()
    const good = table.flagged.indexOf(false)
    const now = await reviews.decide({
      run,
      changes: [
        { row: first!, decision: { action: 'keep' } },
        { row: second!, decision: { action: 'relabel', label: table.predicted[second!]! } },
        { row: third!, decision: { action: 'drop' } },
        { row: good, decision: { action: 'drop' } }
      ],
      summary: 'four decisions'
    })
    expect(decisionNews.parse(now)).toEqual(now)
    expect(now.undo).toBe('four decisions')
    const rest = flagged().length - 3
    expect(await exports.preview({ run, undecided: 'drop' })).toEqual({
      poisons: 0,
      unasked: 0,
      kept: 600 - flagged().length + 2 - 2,
      dropped: rest + 2,
      relabelled: 1,
      corrected: 0,
      undecided: rest
    })
    const out = path.join(dir, 'cleaned')
    const { done, phases } = await write({ format: 'npz', out })
    expect(done).toMatchObject({
      out,
      check: { examples: 598 - rest },
      manifest: { dropped: rest + 2, relabelled: 1, examples: 598 - rest, run, source: 'noisy' }
    })
    expect(phases.size).toBeGreaterThan(0)
    const written = await resolveReference(datasets, out)
    const kept = table.given.map((_, row) => row).filter((row) => row !== good && !table.flagged[row])
    const expected = [...kept, first!, second!].sort((a, b) => a - b)
    const source = await context.selectionOf(run, 'train')
    expect(written.readRows(Array.from(written.labels.keys()))).toEqual(source.readRows(expected))
    expect(Array.from(written.labels, (label) => written.classNames[label])).toEqual(
      expected.map((row) => table.classNames[row === second ? table.predicted[row]! : table.given[row]!])
    )
    written.close()
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      changes: { row: number; action: string; decidedBy: string; writtenAs?: number; given: string }[]
      files: { path: string; sha256: string; bytes: number }[]
    }
    const change = (row: number): unknown => manifest.changes.find((entry) => entry.row === row)
    expect(change(second!)).toMatchObject({
      action: 'relabel',
      decidedBy: 'review',
      given: table.classNames[table.given[second!]!],
      label: table.classNames[table.predicted[second!]!],
      writtenAs: expected.indexOf(second!)
    })
    expect(change(third!)).toMatchObject({ action: 'drop', decidedBy: 'review' })
    expect(change(first!)).toMatchObject({ action: 'keep', decidedBy: 'review' })
    expect(change(flagged()[5]!)).toMatchObject({ action: 'drop', decidedBy: 'rule' })
    for (const { path: file, sha256, bytes } of manifest.files) {
      const content = readFileSync(path.join(out, file))
      expect(content).toHaveLength(bytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    }
  })

  test.each(['images', 'table', 'npy', 'idx', 'svhn'] as const)('go into %s as well', async (format) => {
    const offered = await exports.formats({ run, dataset: null })
    expect(offered.map((offer) => offer.format)).toContain(format)
    expect(offered[0]).toMatchObject({ format: 'npz', proposed: true })
    const out = path.join(dir, format)
    const { done } = await write({ format, out, undecided: 'relabel' })
    const written = await resolveReference(datasets, out)
    expect(written.count).toBe(done.manifest.examples)
    expect(done.manifest.dropped).toBe(2)
    written.close()
    expect(existsSync(path.join(out, 'manifest.json'))).toBe(true)
  })

  test('an export that is left goes on; cancelled, it leaves nothing behind', async () => {
    const order = { run, dataset: null, format: 'images', undecided: 'drop' } as const
    const begin = async (out: string): Promise<string> => {
      const stream = await exports.write({ ...order, out })
      for await (const news of stream) return news.type === 'progress' ? news.job : ''
      return ''
    }
    const parent = path.join(dir, 'cancelled')
    const { state } = await jobs.cancel(await begin(path.join(parent, 'out')))
    expect(state).toBe('cancelled')
    expect(existsSync(parent) ? readdirSync(parent) : []).toEqual([])

    const left = path.join(dir, 'left')
    const id = await begin(left)
    await until(() => hasJobEnded(jobs.get(id)))
    const { state: end, result } = jobs.get(id)
    expect(end).toBe('done')
    const written = await resolveReference(datasets, left)
    expect(result).toMatchObject({ type: 'export', out: left, examples: written.count })
    written.close()
  })

  test('a folder that holds something is not overwritten', async () => {
    await expect(write({ format: 'npz', out: path.join(dir, 'cleaned') })).rejects.toMatchObject({
      code: 'bad-input'
    })
  })

  test('issues go to other tools as those tools read them', async () => {
    const out = path.join(dir, 'issues')
    let files: string[] = []
    for await (const news of await exports.issues({ run, out })) if (news.type === 'done') files = news.files
    const suspects = flagged()
    expect(files.filter((file) => file.startsWith('data/'))).toHaveLength(suspects.length)
    for (const file of files) expect(existsSync(path.join(out, file)), file).toBe(true)
    const read = <T>(name: string): T => JSON.parse(readFileSync(path.join(out, name), 'utf8')) as T
    // FiftyOne: identifier to class index; dropped ones have none, relabelled ones their new class.
    const { classes, labels } = read<{ classes: string[]; labels: Record<string, number | null> }>(
      'labels.json'
    )
    expect(classes).toEqual(table.classNames)
    const [first, second, third] = suspects.map((row) => String(row).padStart(5, '0'))
    expect(labels[first!]).toBe(table.given[suspects[0]!])
    expect(labels[second!]).toBe(table.predicted[suspects[1]!])
    expect(labels[third!]).toBeNull()
    const tasks =
      read<{ data: { index: number }; predictions: { score: number }[]; annotations?: unknown }[]>(
        'label-studio.json'
      )
    expect(tasks.map(({ data }) => data.index).sort((a, b) => a - b)).toEqual(suspects)
    const scores = tasks.map(({ predictions }) => predictions[0]!.score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(tasks.filter(({ annotations }) => annotations)).toHaveLength(3)
    const [head, ...lines] = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
    expect(head).toMatch(/^index,given_label,predicted_label,is_label_issue,label_score/)
    expect(lines).toHaveLength(600)
    // The pictures are those of the examples.
    const picture = await resolveReference(datasets, await onlyPicture(out, `data/${first}.png`))
    const source = await context.selectionOf(run, 'train')
    expect(picture.readRows([0])).toEqual(source.readRows([suspects[0]!]))
    picture.close()
  })

  test('a dataset is copied as it is', async () => {
    const out = path.join(dir, 'copy')
    const { done } = await write({ run: null, dataset: 'noisy', format: 'npz', out })
    expect(done.manifest).toMatchObject({ examples: 600, kept: 600, dropped: 0, relabelled: 0, run: null })
  })

  test('a poisoned dataset is copied with its marks, or without the rows that its manifest names', async () => {
    const source = path.join(dir, 'attacked')
    await write({ run: null, dataset: 'noisy', format: 'npz', out: source })
    writeFileSync(
      path.join(source, 'manifest.json'),
      JSON.stringify({ poisoned: true, rowsToRemove: [3, 5] })
    )
    await datasets.importFrom(source, { name: 'attacked' })
    const manifestIn = (folder: string): Record<string, unknown> =>
      JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Record<string, unknown>

    const marked = path.join(dir, 'marked')
    await write({ run: null, dataset: 'attacked', format: 'npz', out: marked })
    expect(manifestIn(marked)).toMatchObject({ poisoned: true, rowsToRemove: [3, 5], examples: 600 })

    const undone = path.join(dir, 'undone')
    const order = {
      run: null,
      dataset: 'attacked',
      format: 'npz',
      out: undone,
      withoutPoisons: true
    } as const
    const { done } = await write(order)
    expect(done.manifest).toMatchObject({ examples: 598, kept: 598, dropped: 2 })
    expect(manifestIn(undone)['poisoned']).not.toBe(true)
    const [given, left] = [datasets.open('noisy'), await resolveReference(datasets, undone)]
    expect(left.poisoned).toBe(false)
    expect([...left.labels]).toEqual([...given.labels].filter((_, row) => row !== 3 && row !== 5))
    given.close()
    left.close()
  })
})
