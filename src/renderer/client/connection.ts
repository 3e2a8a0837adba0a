import { createORPCClient, DynamicLink } from '@orpc/client'
import type { ClientContext, ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { readonly, ref } from 'vue'
import type { WorkbenchClient } from '@shared/contract'
import { bridge } from './bridge'

export type ConnectionState = 'connecting' | 'open' | 'lost'

type Link = ClientLink<ClientContext>

/** Milliseconds before the first attempt to connect again; doubled each time up to the last. */
const FIRST_PAUSE = 300
const LONGEST_PAUSE = 5000

const state = ref<ConnectionState>('connecting')
/** Whether the API can be reached now. */
export const connectionState = readonly(state)

let current: Link | undefined
let waiting: (() => void)[] = []

/** Calls wait for a connection; a call in flight when one is lost fails. */
const link = new DynamicLink(async () => {
  while (!current) await new Promise<void>((resolve) => waiting.push(resolve))
  return current
})

/** The API, over whichever transport this window has. */
export const client: WorkbenchClient = createORPCClient(link)

function opened(next: Link): void {
  current = next
  state.value = 'open'
  const ready = waiting
  waiting = []
  for (const go of ready) go()
}

/** Message port on the desktop, web socket in a browser; the latter connects again when it is lost. */
export function connect(): void {
  const desktop = bridge()
  if (desktop) {
    const { port1, port2 } = new MessageChannel()
    // Passed on by the preload script: a port cannot cross the bridge itself.
    window.postMessage(desktop.connectMessage, '*', [port2])
    port1.start()
    opened(new PortLink({ port: port1 }))
    return
  }
  openSocket(FIRST_PAUSE)
}

function openSocket(pause: number): void {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/rpc`)
  let wasOpen = false
  socket.addEventListener('open', () => {
    wasOpen = true
    opened(new SocketLink({ websocket: socket }))
  })
  socket.addEventListener('close', () => {
    current = undefined
    state.value = 'lost'
    const next = wasOpen ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE)
    setTimeout(() => openSocket(next), next)
  })
}
