// npm run bench -- watching [rounds]: what the window costs a run, and the run the window. The same run in turn with
// nobody watching and with its page open; while it trains, the API is asked for a ping every 25 ms.
import { denoisingSpec } from '../src/shared/domain/task-spec'
import { quantile, serveForBench } from './served-window'

const rounds = Number(process.argv[2] ?? 3)
const workbench = await serveForBench()
const { client } = workbench

interface Trained {
  readonly stepsPerSecond: number
  /** Milliseconds. */
  readonly pings: number[]
}

try {
  const sample = await client.datasets.importSample({ noise: 0.3 })
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: `${sample.name}#train`,
    trusted: `${sample.name}#checked`,
    model: 'mlp',
    hiddenSizes: [300],
    crossValidation: 0,
    epochs: 40
  })

  async function train(watched: boolean): Promise<Trained> {
    const { id } = await client.runs.create({ spec })
    const window = watched ? await workbench.open(`/runs/${id}`) : undefined
    const pings: number[] = []
    let training = true
    const pinging = (async () => {
      while (training) {
        const asked = performance.now()
        await client.system.ping()
        pings.push(performance.now() - asked)
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    })()
    // Until its stream ends, the run has its report.
    const stream = await client.runs.events({ run: id })
    while (!(await stream.next()).done);
    training = false
    await pinging
    await window?.browser.close()
    const { report } = await client.runs.get({ run: id })
    return { stepsPerSecond: report!.timing.lowerStepsPerSecond, pings }
  }

  await train(false)
  const alone: Trained[] = []
  const watched: Trained[] = []
  for (let round = 0; round < rounds; round++) {
    alone.push(await train(false))
    watched.push(await train(true))
  }
  const ratios = watched.map(({ stepsPerSecond }, i) => stepsPerSecond / alone[i]!.stepsPerSecond)
  const list = (runs: readonly Trained[]): string =>
    runs.map(({ stepsPerSecond }) => stepsPerSecond.toFixed(0)).join(', ')
  console.log('| | nobody watching | its page open |\n|---|---|---|')
  console.log(`| steps on v a second, ${rounds} rounds | ${list(alone)} | ${list(watched)} |`)
  for (const share of [0.5, 0.95, 0.99, 1]) {
    const [a, b] = [alone, watched].map((runs) =>
      quantile(
        runs.flatMap(({ pings }) => pings),
        share
      ).toFixed(1)
    )
    console.log(`| ping while it trains, ${share * 100} % | ${a} ms | ${b} ms |`)
  }
  console.log(
    `\nThroughput kept while watched, median of the rounds: ${(100 * quantile(ratios, 0.5)).toFixed(1)} %`
  )
} finally {
  await workbench.close()
}
