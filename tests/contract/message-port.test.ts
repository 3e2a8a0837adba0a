import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { openApi, servePort } from '@main/api'
import { openWorkspace } from '@main/runs'
import { desktopShell } from '@main/shells/electron/desktop-shell'
import { scratchFolder } from '../support/command'
import { describeApi } from './api-suite'

describeApi('a message port', async () => {
  const { dir, remove } = scratchFolder()
  const workspace = openWorkspace(path.join(dir, 'workspace'))
  const api = openApi(workspace, desktopShell([], dir))
  const { port1, port2 } = new MessageChannel()
  servePort(port2, api.context)
  return {
    client: createORPCClient(new RPCLink({ port: port1 })),
    folder: dir,
    close: async () => {
      port1.close()
      await api.close()
      workspace.close()
      remove()
    }
  }
})
