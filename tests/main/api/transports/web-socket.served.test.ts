import path from 'node:path'
import { temporaryFolder } from '@support/command'
import { serveWorkbench } from '@support/served-workbench'
import { describeApi } from './api-suite'

describeApi('a web socket', async () => {
  const dir = temporaryFolder()
  const served = await serveWorkbench(path.join(dir, 'workspace'), { args: ['--folder', dir] })
  const { client, close } = served.connect()
  return {
    client,
    folder: dir,
    another: async () => served.connect(),
    close: async () => {
      close()
      await served.stop()
    }
  }
})
