import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bilevel, temporaryFolder } from '@support/command'

const PROJECT = path.resolve(import.meta.dirname, '../../..')

/** @returns what it says next */
async function answerOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return said.toString().trim()
}

function holder(place: string): ChildProcessWithoutNullStreams {
  const script = path.join(PROJECT, 'tests/support/holds-workspace.ts')
  return spawn(process.execPath, ['--import', 'tsx', script, place], {
    cwd: PROJECT,
    env: { ...process.env, TSX_TSCONFIG_PATH: path.join(PROJECT, 'tsconfig.base.json') }
  })
}

test('what a process writes that has opened a workspace twice is there when others have come and gone', async () => {
  const dir = temporaryFolder()
  const place = path.join(dir, 'workspace')
  const child = holder(place)
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  expect(await answerOf(child)).toBe('open 0')
  // As it ends it takes the log away, unless locks say that somebody needs it.
  expect((await bilevel(['runs', 'list', '--workspace', place])).code).toBe(0)
  child.stdin.write('mark\n')
  expect(await answerOf(child)).toBe('marked')
  const another = holder(place)
  onTestFinished(() => void another.kill('SIGKILL'))
  expect(await answerOf(another)).toBe('open 1')
})
