// A workbench without a window: trains what is queued in a workspace until it is ended.
import { openWorkspace, Scheduler } from '../../src/main/runs'

const workspace = openWorkspace(process.argv[2]!)
const scheduler = new Scheduler(workspace)
scheduler.start()
process.send?.('ready')
process.on('SIGTERM', () => {
  void scheduler.close().then(() => {
    workspace.close()
    process.exit(0)
  })
})
