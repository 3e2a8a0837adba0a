import { expect, test } from 'vitest'
import { temporaryFolder } from '@support/command'
import { isComplete } from '@support/complete'
import { KillRounds, KILLS } from '@support/kill-rounds'

const dir = temporaryFolder()

// `npm run bench -- kill 100` does the same at many more moments; crash.served.test.ts ends both by SIGKILL.
const kills = isComplete ? KILLS : KILLS.filter((kill) => kill.endsWith('SIGTERM'))

test('worked with and killed in each way, the workbench loses nothing and every run ends the same', async () => {
  const rounds = new KillRounds(dir, 11)
  await rounds.begin()
  for (const kill of kills) await rounds.round(kill)
  await rounds.finish()
  expect(rounds.lost).toEqual([])
  expect(rounds.counts['run']).toBe(kills.length)
})
