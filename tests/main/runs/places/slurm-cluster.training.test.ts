import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bilevel, BIN, PROJECT, scratchFolder } from '@support/command'

// A real Slurm: two nodes on this machine, where Debian's packages are installed and the user is root.

const CLUSTER = path.join(PROJECT, 'tests/support/slurm-cluster.sh')
const { dir, remove } = scratchFolder()
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
  remove()
})

const SPEC = [
  '--train',
  'sample-digits#train',
  '--trusted',
  'sample-digits#test[0:60]',
  '--epochs',
  '6'
].concat([...['--cross-validation', '0', '--backend', 'wasm', '--batch-size', '50', '--seed', '3']])

test.skipIf(missing !== undefined)(
  'a run whose process is killed ends with the numbers of one that nobody disturbed here',
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
      ...workspace.slice(0, 2)
    ])
    expect(added).toMatchObject({ code: 0 })
    const local = path.join(dir, 'local')
    const placed = path.join(dir, 'placed')
    expect(await bilevel(['denoise', ...SPEC, '--out', local, ...workspace])).toMatchObject({ code: 0 })
    let killed = 0
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
            process.kill(Number(pid), 'SIGKILL')
            killed++
          }
        }, 100)
      }
    })
    expect(result).toMatchObject({ code: 0 })
    expect(killed).toBe(1)
    for (const file of ['weights.npy', 'issues.csv'])
      expect(readFileSync(path.join(placed, file))).toEqual(readFileSync(path.join(local, file)))
    const metrics = (folder: string): unknown =>
      (JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')) as { metrics: unknown }).metrics
    expect(metrics(placed)).toEqual(metrics(local))
  }
)
