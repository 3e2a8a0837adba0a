import type { ActProgress } from '../../shared/contract'
import type { ImportWatch } from '../datasets'

/** Progress is told at most this often. */
const PAUSE_MS = 100

/**
 * Run a long act and yield its progress, then its result. When the reader leaves, the act is cancelled and
 * awaited, so that what it was writing is gone before the stream ends.
 */
export async function* actStream<Result>(
  act: (watch: ImportWatch) => Promise<Result>,
  signal: AbortSignal | undefined
): AsyncGenerator<ActProgress | { type: 'result'; result: Result }> {
  const stop = new AbortController()
  const leave = (): void => stop.abort()
  signal?.addEventListener('abort', leave)
  const began = performance.now()
  let latest: ActProgress | undefined
  let told: ActProgress | undefined
  let phase = ''
  let phaseBegan = began
  const running = act({
    signal: stop.signal,
    onProgress: (done, total, name) => {
      if (name !== phase) {
        phase = name
        phaseBegan = performance.now()
      }
      const seconds = (performance.now() - phaseBegan) / 1000
      const secondsLeft = total && done > 0 && seconds > 1 ? (seconds * (total - done)) / done : null
      latest = { type: 'progress', phase, done, total: total ?? null, secondsLeft }
    }
  })
  // A failure is thrown below; until then it must not count as unhandled.
  running.catch(() => undefined)
  let ended = false
  const end = running.finally(() => (ended = true)).catch(() => undefined)
  try {
    while (!ended) {
      await Promise.race([end, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))])
      if (latest && latest !== told) {
        told = latest
        yield latest
      }
    }
    yield { type: 'result', result: await running }
  } finally {
    signal?.removeEventListener('abort', leave)
    stop.abort()
    await end
  }
}
