import { RPCHandler } from '@orpc/server/message-port'
import { onMessagePortClose } from '@orpc/client/message-port'
import type { SupportedMessagePort } from '@orpc/client/message-port'
import type { ApiContext } from '../context'
import { router } from '../router'

const handler = new RPCHandler(router)

/** Answer one window over its message port (Electron's MessagePortMain, or Node's in tests). */
export function servePort(port: SupportedMessagePort, context: ApiContext): void {
  const connection = context.readers.connect()
  onMessagePortClose(port, () => connection.close())
  handler.upgrade(port, { context: { ...context, connection } })
}
