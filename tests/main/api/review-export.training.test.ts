import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunData } from '@main/api/run-data'
import { JobStore } from '@main/jobs'
import { corruptDataset, DatasetStore, resolveReference } from '@main/datasets'
import { createRun, trainRun, openWorkspace } from '@main/runs'
import type { Workspace } from '@main/runs'
import { decisionNews } from '@shared/domain/decision'
import { issueTable } from '@shared/domain/review'
import type { IssueTable } from '@shared/domain/review'
import { report as reportSchema } from '@shared/domain/report'
import { denoisingSpec } from '@shared/domain/task-spec'
import { hasJobEnded } from '@shared/domain/job'
import { scratchFolder, until } from '@support/command'
import { exportsOf, reviewsOf } from '@support/procedures'

const { dir, remove } = scratchFolder()
let workspace: Workspace
let datasets: DatasetStore
let jobs: JobStore
let runData: RunData
let run: string
let table: IssueTable
let reviews: ReturnType<typeof reviewsOf>
let exports: ReturnType<typeof exportsOf>

const spec = denoisingSpec.parse({
  task: 'denoising',
  train: 'noisy',
  trusted: 'sample-digits#train[0:200]',
  epochs: 10,
  seed: 3
})

async function train(of: typeof spec): Promise<string> {
  const { id } = createRun({ workspace, spec: of })
  const { record } = await trainRun(workspace, id)
  expect(record.state).toBe('done')
  return id
}

beforeAll(async () => {
  workspace = openWorkspace(path.join(dir, 'workspace'))
  datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const source = await resolveReference(datasets, 'sample-digits#train[200:800]')
  const noisy = path.join(dir, 'noisy')
  await corruptDataset(source, { noise: 0.3, pattern: 'uniform', seed: 1 }, noisy)
  source.close()
  await datasets.importFrom(noisy, { name: 'noisy' })
  run = await train(spec)
  runData = new RunData(workspace, datasets)
  const context = {
    workspace,
    datasets,
    jobs: (jobs = new JobStore(workspace.jobs)),
    selectionOf: runData.selectionOf.bind(runData),
    shell: { allow: (folder: string) => folder, offer: () => null }
  }
  reviews = reviewsOf(context)
  exports = exportsOf(context)
  table = await reviews.issues({ run })
})
afterAll(() => {
  runData.close()
  workspace.close()
  remove()
})

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

describe('a review of a run', () => {
  test('shows issues.csv as columns', () => {
    expect(issueTable.parse(table)).toEqual(table)
    expect(table.given).toHaveLength(600)
    expect(table.classNames).toHaveLength(10)
    expect(table.crossValidated).not.toBeNull()
    const lines = readFileSync(path.join(workspace.store.get(run).outputDir, 'issues.csv'), 'utf8')
      .trim()
      .split('\n')
    const [head, ...rows] = lines.map((line) => line.split(','))
    const row = 17
    const cell = (name: string): string => rows[row]![head!.indexOf(name)]!
    expect(table.classNames[table.given[row]!]).toBe(cell('given_label'))
    expect(table.classNames[table.truth![row]!]).toBe(cell('true_label'))
    expect(table.weight[row]).toBe(Number(cell('label_score')))
    expect(table.combined[row]).toBe(Number(cell('combined_score')))
    expect(table.flagged[row]).toBe(cell('is_label_issue') === 'True')
  })

  test('an example comes with its weight over the epochs, ending at its weight', async () => {
    const { weights } = await reviews.trajectory({ run, row: 42 })
    expect(weights).toHaveLength(10)
    expect(weights.at(-1)).toBeCloseTo(table.weight[42]!, 6)
    await expect(reviews.trajectory({ run, row: 600 })).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('and with the nearest trusted examples of both classes', async () => {
    const row = table.flagged.indexOf(true)
    const { given, suggested } = await reviews.neighbours({ run, row, count: 3 })
    const trusted = await runData.selectionOf(run, 'trusted')
    const train = await runData.selectionOf(run, 'train')
    const example = train.readRows([row])
    const distances = Array.from(trusted.labels.keys())
      .filter((other) => trusted.labels[other] === table.given[row])
      .map((other) => Math.hypot(...trusted.readRows([other]).map((value, i) => value - example[i]!)))
      .sort((a, b) => a - b)
    given.forEach(({ distance }, i) => expect(distance).toBeCloseTo(distances[i]!, 4))
    expect(given.every(({ label }) => label === table.given[row])).toBe(true)
    expect(suggested.every(({ row: other }) => trusted.labels[other] === table.predicted[row])).toBe(true)
  })

  test('refuses decisions on rows and classes that are not there', async () => {
    const decide = (row: number, label: number): Promise<unknown> =>
      reviews.decide({
        run,
        changes: [{ row, decision: { action: 'relabel', label } }],
        summary: 'relabel'
      })
    await expect(decide(600, 0)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(decide(0, 10)).rejects.toMatchObject({ code: 'bad-input' })
    expect((await reviews.get({ run })).decisions).toEqual([])
  })
})

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
    const source = await runData.selectionOf(run, 'train')
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
    const source = await runData.selectionOf(run, 'train')
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

  test('carry over into a run that goes on from this one', async () => {
    await reviews.undo({ run })
    const wrong = flagged().filter((row) => table.truth![row] !== table.given[row])
    const relabelled = wrong.slice(0, 20)
    const dropped = wrong.slice(20, 25)
    const kept = table.flagged.indexOf(false)
    await reviews.decide({
      run,
      changes: [
        ...relabelled.map((row) => ({
          row,
          decision: { action: 'relabel' as const, label: table.truth![row]! }
        })),
        ...dropped.map((row) => ({ row, decision: { action: 'drop' as const } })),
        { row: kept, decision: { action: 'keep' } }
      ],
      summary: 'review'
    })
    const next = denoisingSpec.parse(await reviews.continuation({ run }))
    expect(next.startFrom).toBe(workspace.store.get(run).outputDir)
    expect(Object.keys(next.corrections!)).toHaveLength(21)
    expect(next.dropped).toEqual(dropped)
    const second = await train({ ...next, epochs: 2 })
    const after = await reviews.issues({ run: second })
    for (const row of relabelled) {
      expect(after.given[row]).toBe(table.truth![row])
      expect(after.flagged[row]).toBe(false)
    }
    for (const row of dropped) {
      expect(after.flagged[row]).toBe(true)
      expect(after.weight[row]).toBeLessThan(0.01)
    }
    const inherited = await reviews.get({ run: second })
    expect(inherited.decisions).toHaveLength(26)
    expect(inherited.undo).toMatch(/26 earlier decisions/)
    // It goes on: after two epochs the weights are near the earlier ones, far from a start in the middle.
    const untouched = table.given.map((_, row) => row).filter((row) => !(row in next.corrections!))
    const distance = (of: IssueTable): number =>
      untouched.reduce((sum, row) => sum + Math.abs(of.weight[row]! - table.weight[row]!), 0) /
      untouched.length
    const fresh = await train({ ...next, epochs: 2, startFrom: undefined })
    expect(distance(after)).toBeLessThan(0.5 * distance(await reviews.issues({ run: fresh })))
    const { metrics } = reportSchema.parse(
      JSON.parse(readFileSync(path.join(workspace.store.get(second).outputDir, 'report.json'), 'utf8'))
    )
    expect(metrics).toMatchObject({ flagged: after.flagged.filter(Boolean).length })
  })

  test('a run cannot start from a folder that holds none', async () => {
    const { id } = createRun({ workspace, spec: { ...spec, startFrom: dir } })
    await expect(trainRun(workspace, id)).rejects.toMatchObject({ code: 'bad-input' })
  })
})
