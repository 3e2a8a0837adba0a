// A process that opens a workspace twice, as the command line does: <workspace>. Marks a row when it is told to.
import { openWorkspace } from '@main/runs'

const [dir] = process.argv.slice(2) as [string]
const first = openWorkspace(dir)
const second = openWorkspace(dir)
process.stdout.write(`open ${first.trust.marksOf('dataset').length}\n`)
process.stdin.on('data', () => {
  const mark = { row: 7, decision: { action: 'relabel' as const, label: 1 } }
  second.trust.log.decide('dataset', [mark], 'trust 7', { id: 'somebody', others: [] })
  process.stdout.write('marked\n')
})
