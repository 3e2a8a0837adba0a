import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import type { ApiContext } from '../context'
import { router } from '../router'

const handler = new RPCHandler(router)

/** Answer one browser window over its web socket, which the shell has let in. */
export function serveSocket(socket: WebSocket, context: ApiContext): void {
  const connection = context.readers.connect()
  socket.once('close', () => connection.close())
  void handler.upgrade(socket, { context: { ...context, connection } })
}
