// A process that marks and decides until it has done so on every row that is its own: <workspace> <run> <dataset>
// <rows> <part> <parts>. Prints each act that was acknowledged, as its kind and row.
import { isBusy, openWorkspace } from '@main/runs'

const [dir, run, dataset, rows, part, parts] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string
]
const workspace = openWorkspace(dir)
const reader = { id: `process ${part}`, others: [] }

/** As the API does: somebody else was writing, so try again. */
function patiently(act: () => unknown): void {
  for (;;) {
    try {
      act()
      return
    } catch (error) {
      if (!isBusy(error)) throw error
    }
  }
}

process.stdout.write('ready\n')
process.stdin.once('data', () => {
  for (let row = Number(part); row < Number(rows); row += Number(parts)) {
    const mark = { row, decision: { action: 'relabel' as const, label: row % 2 } }
    patiently(() => workspace.trust.log.decide(dataset, [mark], `trust ${row}`, reader))
    process.stdout.write(`mark ${row}\n`)
    const drop = { row, decision: { action: 'drop' as const } }
    patiently(() => workspace.reviews.decide(run, [drop], `drop ${row}`, reader))
    process.stdout.write(`drop ${row}\n`)
  }
  workspace.close()
  process.stdin.destroy()
})
