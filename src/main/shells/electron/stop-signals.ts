/** What ends a session: a log-out, a shutdown, Ctrl-C in the terminal that the program was started from. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Whoever sends these waits for no answer: quit as soon as it can be done without asking. To be called once Electron is
 * ready: what listened before is replaced by its own, which quits as a person does.
 */
export function quitOnSignals(quit: () => void): void {
  for (const signal of SIGNALS) process.on(signal, quit)
}
