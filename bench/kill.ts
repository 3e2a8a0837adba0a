// npm run bench -- kill <count> [seed]: kills a served workbench or its training process at random moments of work, and
// tells what was lost. Nothing may be.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { KillRounds } from '../tests/support/kill-rounds'

const count = Number(process.argv[2] ?? 100)
const seed = Number(process.argv[3] ?? 1)
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-kill-'))
const rounds = new KillRounds(folder, seed)
await rounds.begin()
for (let i = 1; i <= count; i++) {
  const before = rounds.lost.length
  await rounds.round()
  for (const what of rounds.lost.slice(before)) console.log(`round ${i}: ${what}`)
  if (i % 10 === 0) console.log(`${i} kills, ${rounds.lost.length} lost`)
}
const before = rounds.lost.length
await rounds.finish()
for (const what of rounds.lost.slice(before)) console.log(`at the end: ${what}`)
console.log(
  `${count} kills (seed ${seed}), ${rounds.lost.length} lost; acknowledged ${JSON.stringify(rounds.counts)}`
)
if (rounds.lost.length === 0) rmSync(folder, { recursive: true, force: true })
else console.log(`Look at ${folder}`)
process.exit(rounds.lost.length === 0 ? 0 : 1)
