import type { Program } from './program'

/**
 * Give a program its one order and see it to its end; told to stop by the signal, it has some seconds to do so.
 * @returns in words how it ended, with the last line of its stderr
 */
export async function seeThrough(
  program: Program,
  order: object,
  stopSeconds: number,
  signal?: AbortSignal
): Promise<string> {
  let killTimer: NodeJS.Timeout | undefined
  const stop = (): void => {
    program.send({ type: 'stop' })
    killTimer ??= setTimeout(() => program.kill(), stopSeconds * 1000).unref()
  }
  signal?.addEventListener('abort', stop)
  program.send(order)
  if (signal?.aborted) stop()
  const { code, signal: by, stderr } = await program.ended
  clearTimeout(killTimer)
  signal?.removeEventListener('abort', stop)
  const how = by ? `it was ended by ${by}` : `it ended with code ${code}`
  const [said = ''] = stderr.trim().split('\n').slice(-1)
  return said === '' ? how : `${how} (${said.slice(0, 300)})`
}
