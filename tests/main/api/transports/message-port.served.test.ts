import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { openApi, servePort } from '@main/api'
import { openWorkspace } from '@main/runs'
import type { WorkbenchClient } from '@shared/contract'
import { desktopShell } from '@main/shells/electron/desktop-shell'
import { noUpdates } from '@main/shells/no-updates'
import { temporaryFolder } from '@support/command'
import { isComplete } from '@support/complete'
import { describeApi } from './api-suite'
import type { Connection } from './connection'

// A web socket carries the rest; Electron's main job trains over a message port.
describeApi('a message port', open, isComplete)

async function open(): Promise<Connection> {
  const dir = temporaryFolder()
  const workspace = openWorkspace(path.join(dir, 'workspace'))
  const api = openApi(workspace, desktopShell([], dir, noUpdates('Not here.')))
  const connect = (): { client: WorkbenchClient; close(): void } => {
    const { port1, port2 } = new MessageChannel()
    servePort(port2, api.context)
    return { client: createORPCClient(new RPCLink({ port: port1 })), close: () => port1.close() }
  }
  const { client, close } = connect()
  return {
    client,
    folder: dir,
    another: async () => connect(),
    close: async () => {
      close()
      await api.close()
      workspace.close()
    }
  }
}
