import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DiskFull, PlaceShell } from '@main/runs/places/place-shell'
import { submissionScript } from '@main/runs/places/slurm/submission'
import {
  dir,
  flag,
  follow,
  lower,
  METRIC,
  nodeOf,
  raise,
  SHARED,
  standInForSlurm,
  train,
  until
} from '@support/stand-in-slurm'

standInForSlurm()

test('a login node that cannot be reached is waited for, and the run is not failed', async () => {
  raise('down')
  const run = follow(train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; finish`), {
    login: 'node'
  })
  await until(() => run.phases().some((phase) => phase.includes('Connection refused')))
  lower('down')
  await until(() => run.steps().length === 1)
  raise('down')
  raise('go')
  const seen = run.phases().length
  await until(() => run.phases().length > seen)
  expect(run.phases().at(-1)).toContain('the run goes on there')
  lower('down')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(run.messages.at(-1)?.type).toBe('done')
})

test('while Slurm itself does not answer, a quiet job is not taken for dead', async () => {
  const run = follow(train(`say '${METRIC(1)}'; sleep 2; finish`))
  await until(() => run.steps().length === 1)
  raise('mute')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(run.phases().filter((phase) => phase.includes('sending'))).toHaveLength(1)
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
})

test('data that were damaged at the place are said to be so there, and what to do', async () => {
  const failure = {
    code: 'bad-input',
    sentence: 'The dataset "digits" is damaged: its labels.bin has other bytes.',
    remedy: 'Import it again from digits.npz, or take its folder from a backup.'
  }
  const word = JSON.stringify({ type: 'failed', failure })
  const run = follow(train(`say '${word}'; exit 1`))
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(run.messages.at(-1)).toEqual({
    type: 'failed',
    failure: {
      code: 'bad-input',
      sentence: 'At cluster: The dataset "digits" is damaged: its labels.bin has other bytes.',
      remedy: `Remove ${path.join(dir, SHARED)}/datasets there while nothing trains, then start the run again: what it needs is sent again.`
    }
  })
})

test('a job whose number was lost on the way is found again, and no second one is submitted', async () => {
  raise('lost')
  raise('down')
  const command = train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; finish`)
  const first = follow(command, { login: 'node' })
  lower('down')
  await until(() => existsSync(flag('1.name')))
  expect((await first.host.exited).code).toBe(1)
  const second = follow(command, { login: 'node' })
  await until(() => second.steps().length === 1)
  raise('go')
  expect(await second.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(second.placement.job).toBe('1')
})

test('what squeue has forgotten, accounting says: memory that ran out is not tried again', async () => {
  const run = follow(
    train(`say '${METRIC(1)}'; echo '1|OUT_OF_MEMORY' > ${flag('accounts')}; sleep 1; exit 1`)
  )
  await until(() => existsSync(flag('1.rc')))
  writeFileSync(flag('1.state'), 'FORGOTTEN')
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(run.messages.at(-1)).toMatchObject({
    failure: { sentence: expect.stringContaining('memory ran out') as string }
  })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(readFileSync(flag('accounted'), 'utf8')).toContain('--jobs=1 ')
})

test('a command that hangs with all its children is given up, and the place is unreachable', async () => {
  raise('hang')
  const shell = new PlaceShell({ login: null })
  await expect(shell.run('squeue --me', { patience: 300 })).rejects.toThrow('it does not answer')
  lower('hang')
  expect((await shell.run('squeue --me')).code).toBe(0)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is a reason to wait, and said', async () => {
  const shell = new PlaceShell({ login: null })
  await expect(shell.must('echo more | cat > /dev/full', 'It cannot be written')).rejects.toThrow(DiskFull)
  // As a submission writes: by cat, and not by the shell.
  const script = submissionScript(nodeOf('bilevel').place, 'bilevel-1')
  expect(script.split('\n').filter((line) => /printf.*>/.test(line) && !line.includes('| cat >'))).toEqual([])
})

test('results wait for room on this machine, and are fetched then', async () => {
  raise('full')
  const run = follow(train(`say '${METRIC(1)}'; finish`))
  await until(() =>
    run.phases().some((phase) => phase.startsWith('waiting for room: the disk of this machine'))
  )
  expect(existsSync(path.join(dir, 'out'))).toBe(false)
  lower('full')
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(readFileSync(path.join(dir, 'out/report.json'), 'utf8')).toContain('"made": "there"')
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
})

test('a script longer than a word of a command line comes to the place too', async () => {
  const script = `${'# a line that says nothing\n'.repeat(8000)}echo here`
  expect(script.length).toBeGreaterThan(131_072)
  expect((await new PlaceShell({ login: null }).run(script)).stdout.toString()).toBe('here\n')
})
