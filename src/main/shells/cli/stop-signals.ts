import { EXIT } from './exit-codes'

/** Signals that ask a process to end: Ctrl-C, a terminal that closes, and what batch systems and containers send. */
const CODES = { SIGINT: EXIT.cancelled, SIGHUP: EXIT.hungUp, SIGTERM: EXIT.terminated } as const
export type StopSignal = keyof typeof CODES

let received: StopSignal | undefined

/** @returns how to listen no more */
export function onStop(act: (signal: StopSignal) => void): () => void {
  const listeners = (Object.keys(CODES) as StopSignal[]).map((signal) => {
    const listener = (): void => {
      received ??= signal
      act(signal)
    }
    process.on(signal, listener)
    return { signal, listener }
  })
  return () => listeners.forEach(({ signal, listener }) => process.off(signal, listener))
}

/** The exit code of a command that was ended: that of the signal it got, as shells have it. */
export function stoppedCode(code: number): number {
  return received && (code === EXIT.cancelled || code === EXIT.terminated) ? CODES[received] : code
}
