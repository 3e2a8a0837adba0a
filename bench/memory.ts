// Peak memory of one upper step against T: npm run bench -- memory [case words]. Each measurement is a process of
// its own: the bytes of all tensors at their highest, and how far the process's peak rises over that of a Penalty step
// with T = 4.
import { execFileSync } from 'node:child_process'
import { profile } from '@tensorflow/tfjs-core'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { REVERSE_MODE } from '@engine/bilevel/methods/reverse-mode'
import { solverOf } from '@engine/bilevel/solver'
import { SETTINGS, STEP_CASES, networkOf } from './step-cases'
import { stepProblem } from './step-problem'

const STEPS = [1, 5, 20, 100]

async function measure(name: string, method: string, lowerSteps: number): Promise<void> {
  const stepCase = STEP_CASES.find((each) => each.name === name)!
  await selectBackend('native')
  const { problem, batch } = stepProblem(stepCase, networkOf(stepCase))
  const settings = { ...PENALTY_DEFAULTS, ...SETTINGS, lowerSteps }
  const solver =
    method === 'RMD' ? solverOf(problem, REVERSE_MODE, settings) : solverOf(problem, PENALTY, settings)
  // The compiler, once it has been used, keeps some 150 MB for itself, whatever T is.
  const compiled = solverOf(problem, PENALTY, { ...settings, lowerSteps: 4 })
  compiled.step(batch)
  compiled.dispose()
  const before = process.resourceUsage().maxRSS * 1024
  const { peakBytes } = await profile(() => void solver.step(batch))
  // maxRSS is in KiB on every system Node runs on.
  const grown = process.resourceUsage().maxRSS * 1024 - before
  console.log(JSON.stringify({ tensors: peakBytes, process: grown }))
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--one') {
  await measure(rest[0]!, rest[1]!, Number(rest[2]))
} else {
  const words = process.argv.slice(2)
  const chosen = STEP_CASES.filter(
    ({ name, dropout }) => !dropout && words.every((word) => name.includes(word))
  )
  for (const { name, batch } of chosen) {
    console.log(`\n### ${name}, batch ${batch}\n`)
    console.log('| T | Penalty: tensors, MB | process, MB | RMD: tensors, MB | process, MB |')
    console.log('|---|---|---|---|---|')
    for (const steps of STEPS) {
      const cells = ['Penalty', 'RMD'].flatMap((method) => {
        const args = ['--import', 'tsx', import.meta.filename, '--one', name, method, String(steps)]
        const out = execFileSync(process.execPath, args, {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore']
        })
        const found = JSON.parse(out.trim().split('\n').at(-1)!) as { tensors: number; process: number }
        return [found.tensors, found.process].map((bytes) => (bytes / 1e6).toFixed(1))
      })
      console.log(`| ${[steps, ...cells].join(' | ')} |`)
    }
  }
}
