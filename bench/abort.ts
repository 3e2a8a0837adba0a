// npm run bench -- abort <count> [seed]: a served workbench whose exports, imports, downloads and uploads are broken off
// at random moments; after each it must answer, with nothing half-written left and no file left open.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Random } from '../src/shared/numerics/random'
import { AbortedWorkbench } from './abort/abort-loop'

const [count = 200, seed = 1] = process.argv.slice(2).map(Number)
const dir = mkdtempSync(path.join(tmpdir(), 'bilevel-abort-'))
const random = new Random(seed)
const bench = await AbortedWorkbench.open(dir, () => random.uniform())
const tally = new Map<string, number>()
const faults: string[] = []
try {
  for (let i = 0; i < count; i++) {
    const round = await bench.round()
    const name = `${round.act}: ${round.ended}`
    tally.set(name, (tally.get(name) ?? 0) + 1)
    for (const fault of round.faults) {
      faults.push(`round ${i}, ${name}: ${fault}`)
      console.log(faults.at(-1))
    }
    if (round.faults.some((fault) => fault.startsWith('the server ended'))) break
  }
} finally {
  await bench.close()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
}
for (const [name, times] of [...tally].sort()) console.log(`${String(times).padStart(5)}  ${name}`)
console.log(
  `${[...tally.values()].reduce((sum, times) => sum + times, 0)} broken off, ${faults.length} faults`
)
process.exit(faults.length > 0 ? 1 : 0)
