import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  dir,
  flag,
  follow,
  METRIC,
  nodeOf,
  raise,
  SHARED,
  spec,
  standInForSlurm,
  train,
  until
} from '@support/stand-in-slurm'
import type { Followed } from '@support/stand-in-slurm'

standInForSlurm()

test('a run is submitted, followed and fetched; each event comes once and in order', async () => {
  const run = follow(train(`say '${METRIC(1)}'; sleep 1; say '${METRIC(2)}'; finish`))
  expect(await run.host.exited).toMatchObject({ code: 0 })
  expect(run.steps()).toEqual([1, 2])
  expect(run.messages.at(-1)).toMatchObject({ type: 'done', report: { method: 'gd' } })
  expect(JSON.parse(readFileSync(path.join(dir, 'out/report.json'), 'utf8'))).toEqual({
    made: 'there',
    spec: JSON.parse(JSON.stringify(spec)) as unknown
  })
  expect(JSON.parse(readFileSync(path.join(dir, SHARED, 'runs/r1/spec.json'), 'utf8'))).toMatchObject({
    run: 'r1',
    workspace: path.join(dir, SHARED)
  })
})

test('a job that ended without a word is submitted again, and given up after the third', async () => {
  const run = follow(train(`say '${METRIC(1)}'; exit 1`))
  expect(await run.host.exited).toMatchObject({ code: 1 })
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('3')
  expect(run.messages.at(-1)).toMatchObject({
    type: 'failed',
    failure: { code: 'process-died', sentence: expect.stringContaining('3 times in a row') as string }
  })
})

test('one that waits in the queue says why, and is paused by leaving it', async () => {
  raise('busy')
  const run = follow(train('finish'))
  await until(() =>
    run
      .phases()
      .includes('waiting in Slurm at cluster: 2nd in the queue, starts about 2030-01-01 10:20 (Priority)')
  )
  run.host.send({ type: 'pause' })
  await run.host.exited
  expect(run.messages.at(-1)).toEqual({ type: 'paused' })
  expect(readFileSync(flag('cancelled'), 'utf8')).toBe('1\n')
  expect(run.released).toBe(true)
})

test('a wish lies in the folder; what is told after an attempt was overtaken is not read', async () => {
  const run = follow(
    train(`say '${METRIC(1)}'
until [ -e wish.json ]; do sleep 0.1; done; cp wish.json ${flag('wished')}; mkdir attempt-2
echo '{"n":1,"message":${METRIC(2)}}' > attempt-2/events.ndjson; sleep 1; say '${METRIC(99)}'
echo '{"n":2,"message":{"type":"paused"}}' >> attempt-2/events.ndjson; exit 75`)
  )
  await until(() => run.steps().length === 1)
  run.host.send({ type: 'pause' })
  await run.host.exited
  expect(JSON.parse(readFileSync(flag('wished'), 'utf8'))).toEqual({ want: 'pause' })
  expect(run.steps()).toEqual([1, 2])
  expect(run.messages.at(-1)).toEqual({ type: 'paused' })
})

test('what was told before a pause is not read again after it', async () => {
  const command = train(`if [ "$own" = attempt-1 ]; then say '${METRIC(1)}'
until [ -e wish.json ]; do sleep 0.1; done; say '${METRIC(2)}'; say '{"type":"paused"}'; exit 75; fi
say '${METRIC(3)}'; finish`)
  const first = follow(command)
  await until(() => first.steps().length === 1)
  first.host.send({ type: 'pause' })
  await first.host.exited
  expect(first.steps()).toEqual([1, 2])
  const second = follow(command, { placement: { ...first.placement, job: null } })
  expect(await second.host.exited).toMatchObject({ code: 0 })
  expect(second.steps()).toEqual([3])
})

test('whoever follows it next goes on from where the last one read', async () => {
  const first = follow(
    train(`say '${METRIC(1)}'; until [ -e ${flag('go')} ]; do sleep 0.1; done; say '${METRIC(2)}'; finish`)
  )
  await until(() => first.steps().length === 1)
  first.host.letGo()
  raise('go')
  const second = follow(path.join(dir, 'bin', 'bilevel'), { placement: first.placement })
  await second.host.exited
  expect(second.steps()).toEqual([2])
  expect(existsSync(path.join(dir, SHARED, 'runs/r1/attempt-2'))).toBe(false)
})

test('runs that come together are one array, and each is followed by itself', async () => {
  const command = train(`say '${METRIC(1)}'; finish`)
  const cluster = nodeOf(command)
  const runs = ['r1', 'r2', 'r3'].map((run) => follow(command, { run, cluster }))
  for (const { host } of runs) expect(await host.exited).toMatchObject({ code: 0 })
  const sbatched = readFileSync(flag('sbatched'), 'utf8').trim().split('\n')
  expect(sbatched).toHaveLength(1)
  expect(sbatched[0]).toContain('--array=0-2')
  expect(runs.map(({ placement }) => placement.job)).toEqual(['1_0', '1_1', '1_2'])
  for (const run of runs) expect(run.steps()).toEqual([1])
  for (const out of ['out', 'out-r2', 'out-r3'])
    expect(existsSync(path.join(dir, out, 'report.json'))).toBe(true)
})

test('a waiting task of an array that somebody cancels is gone from the queue, and paused, not submitted again', async () => {
  raise('busy')
  const command = train('finish')
  const cluster = nodeOf(command)
  const [first, second] = ['r1', 'r2'].map((run) => follow(command, { run, cluster })) as [Followed, Followed]
  const waits = (run: Followed): boolean => run.phases().some((phase) => phase.includes('(Priority)'))
  await until(() => waits(first) && waits(second))
  writeFileSync(flag('1_1.state'), 'FORGOTTEN')
  await second.host.exited
  expect(second.messages.at(-1)).toEqual({ type: 'paused' })
  expect(second.released).toBe(true)
  expect(readFileSync(flag('n'), 'utf8').trim()).toBe('1')
  expect(first.released).toBe(false)
  first.host.letGo()
})
