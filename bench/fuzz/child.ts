// The watched process: reads one mutated source after the other, as the window and the command line do, and says what
// became of each.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatasetStore, inspectSource } from '@main/datasets'
import { readSpec } from '@main/shells/cli/task-commands'
import { failureData } from '@shared/domain/failure'
import type { FuzzCase } from './cases'

export interface FuzzAnswer {
  readonly outcome: 'accepted' | 'refused' | 'internal'
  /** The refusal, or where the defect is. */
  readonly sentence: string
  /** What is left in the workspace. */
  readonly left: readonly string[]
  /** The most memory that the process has held, in bytes. */
  readonly memory: number
}

const workspace = mkdtempSync(path.join(tmpdir(), 'bilevel-fuzz-'))
const root = path.join(workspace, 'datasets')
mkdirSync(root)
let store = new DatasetStore(root)

async function perform({ kind, entry, data }: FuzzCase): Promise<void> {
  if (kind === 'spec') {
    await readSpec(entry)
    return
  }
  const source = data ?? entry
  const truth = data === undefined ? undefined : entry
  // Both ways in: what one refuses, the other must refuse too, not break on.
  const seen = await inspectSource(source).catch(refusal)
  const missing = 'missing' in seen ? seen.missing : []
  const imageSize = missing.includes('imageSize') ? 8 : undefined
  const labelColumn = missing.includes('labelColumn') && 'columns' in seen ? seen.columns.at(-1) : undefined
  const meta = await store.importFrom(source, { truth, imageSize, labelColumn })
  const selection = store.open(meta.id)
  try {
    if (selection.labels.length !== selection.count || meta.count !== selection.count)
      throw new Error('labels and examples differ in number')
    const unnamed = selection.labels.find((label) => meta.classNames[label] === undefined)
    if (unnamed !== undefined) throw new Error(`label ${unnamed} has no class`)
    if (selection.readRows([0, selection.count - 1]).some(Number.isNaN))
      throw new Error('a feature is no number')
  } finally {
    selection.close()
  }
  rmSync(store.folderOf(meta.id), { recursive: true, force: true })
}

/** A refusal of the first way in is remembered by nobody: the second is asked all the same. */
function refusal(error: unknown): { failure: string } {
  if (failureData(error).code === 'internal') throw error
  return { failure: failureData(error).sentence }
}

async function answerTo(fuzzCase: FuzzCase): Promise<FuzzAnswer> {
  let outcome: FuzzAnswer['outcome'] = 'accepted'
  let sentence = ''
  try {
    await perform(fuzzCase)
  } catch (error) {
    const failure = failureData(error)
    outcome = failure.code === 'internal' ? 'internal' : 'refused'
    sentence =
      outcome === 'internal' && error instanceof Error ? (error.stack ?? error.message) : failure.sentence
  }
  const left = readdirSync(root)
  if (left.length > 0) {
    rmSync(root, { recursive: true, force: true })
    mkdirSync(root)
    store = new DatasetStore(root)
  }
  return { outcome, sentence, left, memory: process.resourceUsage().maxRSS * 1024 }
}

process.on('message', (fuzzCase: FuzzCase) => {
  void answerTo(fuzzCase).then((answer) => process.send?.(answer))
})
process.on('disconnect', () => {
  rmSync(workspace, { recursive: true, force: true })
  process.exit(0)
})
