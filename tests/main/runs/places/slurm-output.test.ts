import { expect, test } from 'vitest'
import { isAlive, isWaiting, jobsIn, pastIn, placesInQueue, sbatchOptions } from '@main/runs/places/slurm/job'
import { place as placeSchema } from '@shared/domain/place'

test('how many wait before a job in its partition', () => {
  const ahead = placesInQueue('gpu|5\nmain|7\ngpu|12_[3-5,8%2]\ngpu|13\n')
  expect([ahead('5'), ahead('7'), ahead('12_8'), ahead('13'), ahead('99')]).toEqual([0, 0, 1, 2, undefined])
})

test('what sacct prints', () => {
  expect(pastIn('12_3|CANCELLED by 1000\n13|TIMEOUT\n13.batch|CANCELLED\n')).toEqual(
    new Map([
      ['12_3', { state: 'CANCELLED', reason: '', start: undefined }],
      ['13', { state: 'TIMEOUT', reason: '', start: undefined }]
    ])
  )
})

test('a folder of a place is named as it is, also in patterns of sbatch; what Slurm takes for an escape is refused', () => {
  const here = placeSchema.parse({
    name: 'cluster',
    login: null,
    folder: '/shared',
    command: 'bilevel',
    partition: null,
    gres: null,
    time: null,
    options: []
  })
  expect(sbatchOptions({ ...here, folder: '/a 100%j' }, 'x')).toContain('--output=/a 100%%j/arrays/x/%j.log')
  for (const folder of ['/a\\b', '/a\nb', 'a'])
    expect(placeSchema.safeParse({ ...here, folder }).success).toBe(false)
  expect(placeSchema.safeParse(here).success).toBe(true)
})

test('what squeue prints', () => {
  const jobs = jobsIn(
    '12|PENDING|Resources|2026-01-02T03:04:05\n13_4|RUNNING|None|N/A\n14|NODE_FAIL|None|N/A\nnoise\n'
  )
  expect([...jobs.keys()]).toEqual(['12', '13_4', '14'])
  expect(jobs.get('12')).toEqual({ state: 'PENDING', reason: 'Resources', start: '2026-01-02T03:04:05' })
  expect(isWaiting(jobs.get('12')!)).toBe(true)
  expect(isAlive(jobs.get('14')!)).toBe(false)
})
