import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openWorkspace } from '@main/runs'
import { decisionStream } from '@main/api/decision-stream'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
})

test('a workspace that cannot be read for a moment ends neither the stream nor the program', async () => {
  const workspace = openWorkspace(dir)
  const log = workspace.reviews
  const reading = new AbortController()
  const stream = decisionStream(
    { readers: undefined, connection: undefined },
    log,
    'run-1',
    {},
    reading.signal
  )
  expect(await stream.next()).toMatchObject({ value: { revision: 0, decisions: [] } })
  const next = stream.next()
  const revision = vi.spyOn(log, 'revision').mockImplementation(() => {
    throw new Error('taken out')
  })
  // What a timer throws and nobody catches ends the program.
  vi.advanceTimersByTime(1000)
  expect(revision).toHaveBeenCalled()
  revision.mockReturnValue(7)
  vi.advanceTimersByTime(500)
  reading.abort()
  expect(await next).toMatchObject({ done: true })
  workspace.close()
})
