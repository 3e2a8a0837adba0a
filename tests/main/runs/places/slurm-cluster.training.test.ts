import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bilevel, BIN, PROJECT, temporaryFolder } from '@support/command'

// A real Slurm: two nodes on this machine, where Debian's packages are installed and the user is root.

const CLUSTER = path.join(PROJECT, 'tests/support/slurm-cluster.sh')
const dir = temporaryFolder()
const cluster = path.join(dir, 'cluster')
const started = spawnSync(CLUSTER, ['start', cluster], { encoding: 'utf8' })
const missing = started.status === 0 ? undefined : started.stderr.trim()
if (missing !== undefined) console.warn(`Skipped, without a Slurm cluster: ${missing}`)

beforeAll(() => {
  process.env['SLURM_CONF'] = path.join(cluster, 'slurm.conf')
})
afterAll(() => {
  spawnSync(CLUSTER, ['stop', cluster])
  delete process.env['SLURM_CONF']
})

/** CUDA_VISIBLE_DEVICES of a process. */
function visibleCards(pid: string): string | undefined {
  const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  return environment.find((line) => line.startsWith('CUDA_VISIBLE_DEVICES='))?.slice(21)
}

const SPEC = [
  '--train',
  'sample-digits#train[0:150]',
  '--trusted',
  'sample-digits#test[0:60]',
  ...['--model', 'logistic', '--epochs', '60', '--backend', 'wasm', '--seed', '3']
]

test.skipIf(missing !== undefined)(
  'a run on a card whose process is killed ends with the numbers of one that nobody disturbed here',
  async () => {
    const workspace = ['--workspace', path.join(dir, 'workspace'), '--quiet']
    const shared = path.join(dir, 'shared')
    mkdirSync(shared)
    const command = `${process.execPath} ${BIN}`
    const added = await bilevel([
      'places',
      'add',
      'two',
      '--folder',
      shared,
      '--command',
      command,
      '--gres',
      'gpu:1',
      ...workspace.slice(0, 2)
    ])
    expect(added).toMatchObject({ code: 0 })
    const local = path.join(dir, 'local')
    const placed = path.join(dir, 'placed')
    expect(await bilevel(['denoise', ...SPEC, '--out', local, ...workspace])).toMatchObject({ code: 0 })
    const cards: (string | undefined)[] = []
    const result = await bilevel(['denoise', ...SPEC, '--out', placed, '--place', 'two', ...workspace], {
      during: () => {
        const looking = setInterval(() => {
          const [run] = spawnSync('ls', [path.join(shared, 'runs')], { encoding: 'utf8' })
            .stdout.trim()
            .split('\n')
          const folder = path.join(shared, 'runs', run ?? '')
          if (!run || !existsSync(path.join(folder, 'attempt-1/checkpoint/checkpoint.json'))) return
          clearInterval(looking)
          const { stdout } = spawnSync('pgrep', ['-f', `worker.js train-run ${folder}`], { encoding: 'utf8' })
          for (const pid of stdout.trim().split('\n')) {
            cards.push(visibleCards(pid))
            process.kill(Number(pid), 'SIGKILL')
          }
        }, 100)
      }
    })
    expect(result).toMatchObject({ code: 0 })
    // One process was killed, and it saw the card that Slurm gave its job.
    expect(cards).toEqual(['0'])
    const asked = spawnSync('squeue', ['--states=all', '--noheader', '--format=%b'], { encoding: 'utf8' })
    expect(asked.stdout).toContain('gpu:1')
    for (const file of ['weights.npy', 'issues.csv'])
      expect(readFileSync(path.join(placed, file))).toEqual(readFileSync(path.join(local, file)))
    const metrics = (folder: string): unknown =>
      (JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')) as { metrics: unknown }).metrics
    expect(metrics(placed)).toEqual(metrics(local))
  }
)

test.skipIf(missing !== undefined)(
  'a sweep of four runs is one array on both nodes: all end, one table',
  async () => {
    const shared = path.join(dir, 'shared-array')
    mkdirSync(shared)
    const workspace = ['--workspace', path.join(dir, 'workspace-array')]
    const command = `${process.execPath} ${BIN}`
    const added = ['places', 'add', 'two', '--folder', shared, '--command', command, ...workspace]
    expect(await bilevel(added)).toMatchObject({ code: 0 })
    const spec = path.join(dir, 'small.yaml')
    writeFileSync(
      spec,
      'task: denoising\ntrain: sample-digits#train[0:200]\ntrusted: sample-digits#test[0:60]\nmethod: gd\nmodel: logistic\nepochs: 1\nbackend: wasm\n'
    )
    const out = path.join(dir, 'swept')
    const result = await bilevel([
      'sweep',
      spec,
      '--seed',
      '0..3',
      '--place',
      'two',
      '--out',
      out,
      '--json',
      ...workspace
    ])
    expect(result).toMatchObject({ code: 0 })
    const { table } = JSON.parse(result.stdout) as {
      table: { rows: { runs: { state: string; seed: number }[] }[] }
    }
    expect(table.rows).toHaveLength(1)
    expect(table.rows[0]?.runs.map(({ state }) => state)).toEqual(Array<string>(4).fill('done'))
    // One submission, and both nodes took part.
    expect(readdirSync(path.join(shared, 'arrays'))).toHaveLength(1)
    const { stdout } = spawnSync('squeue', ['--states=all', '--array', '--noheader', '--format=%F %N %j'], {
      encoding: 'utf8'
    })
    const [array] = readdirSync(path.join(shared, 'arrays'))
    const nodes = stdout
      .trim()
      .split('\n')
      .filter((line) => line.endsWith(` ${array}`))
      .map((line) => line.split(' ')[1])
    // Slurm forgets those that ended five minutes ago.
    expect(new Set(nodes)).toEqual(new Set(['node1', 'node2']))
    expect(readFileSync(path.join(out, 'sweep.csv'), 'utf8').trim().split('\n')).toHaveLength(2)
  }
)
