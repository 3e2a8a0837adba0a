import { FAREWELL, isFarewell } from './farewell'

/** How long to wait for an owner that does not answer any more. */
const FAREWELL_MS = 5000

/** Whoever started this program, as the program sees it. */
export interface Owner {
  /** Send and wait until it has left: exit must not overtake the last message. */
  send(message: object): Promise<void>
  onMessage(take: (message: unknown) => void): void
  /** It has died or let go. Electron's ends its programs with it, and they never hear of that. */
  onGone(act: () => void): void
  leave(code: number): void
}

/** The one that sent this process into the world: Electron's main process, or a Node that forked it. */
export function owner(): Owner {
  return process.parentPort === undefined ? forkingNode : electronMain(process.parentPort)
}

const forkingNode: Owner = {
  send: (message) =>
    new Promise((resolve) => {
      if (!process.send || !process.connected) resolve()
      else process.send(message, () => resolve())
    }),
  onMessage: (take) => void process.on('message', take),
  onGone: (act) => void process.on('disconnect', act),
  leave: (code) => {
    process.disconnect?.()
    process.exit(code)
  }
}

/** As much of Electron's port as is used; its own types are for the shell alone. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', take: (event: { data: unknown }) => void): unknown
}

function electronMain(port: ParentPort): Owner {
  return {
    send: async (message) => port.postMessage(message),
    onMessage: (take) =>
      void port.on('message', ({ data }) => {
        if (!isFarewell(data)) take(data)
      }),
    onGone: () => undefined,
    leave: (code) => {
      // The port does not say when a message has left: the owner answers the last one.
      port.on('message', ({ data }) => {
        if (isFarewell(data)) process.exit(code)
      })
      port.postMessage(FAREWELL)
      setTimeout(() => process.exit(code), FAREWELL_MS)
    }
  }
}
