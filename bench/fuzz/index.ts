// Mutated files of every format, read as the product reads them: npm run fuzz -- <count> [seed] [from]
// Prints what became of them; a finding is repeated alone with its seed and index: npm run fuzz -- 1 <seed> <index>
import { fuzz } from './fuzz'

const [count = 2000, stream = 1, from = 0] = process.argv.slice(2).map(Number)
if (![count, stream, from].every((number) => Number.isInteger(number) && number >= 0)) {
  console.error('npm run fuzz -- <count> [seed] [index of the first]')
  process.exit(2)
}
const began = performance.now()
const { accepted, refused, findings } = await fuzz({
  count,
  stream,
  from,
  onCase: (index, answer, { seed }) => {
    if (count === 1) console.log(`${seed}: ${answer ? `${answer.outcome} ${answer.sentence}` : 'no answer'}`)
    else if ((index - from + 1) % 1000 === 0) console.log(`${index - from + 1} ...`)
  }
})
for (const { index, seed, kind, detail } of findings) {
  console.log(`${kind}: seed ${stream}, index ${index} (${seed}): ${detail}`)
}
const of = (kind: string): number => findings.filter((finding) => finding.kind === kind).length
console.log(
  `${count} sources in ${Math.round((performance.now() - began) / 1000)} s: ${accepted} accepted, ${refused} refused, ` +
    `${of('internal')} internal errors, ${of('hang')} hangs, ${of('memory')} over 1 GiB, ${of('left')} with files left`
)
process.exit(findings.length > 0 ? 1 : 0)
