import { runtimes } from '../api'
import { productVersion } from '../files/product'
import { noteError, openLog, tellLog } from '../log'

let isWatching = false

/** The workspace's log from now on, begun with what is running; what nobody caught ends in it too. */
export function beginLog(workspace: string, shell: 'desktop' | 'served'): void {
  openLog(workspace)
  tellLog('start', {
    shell,
    version: productVersion(),
    runtime: runtimes()
      .map(({ name, version }) => `${name}-${version}`)
      .join('+'),
    system: `${process.platform}-${process.arch}`
  })
  if (isWatching) return
  isWatching = true
  // Only looked at: what an uncaught error does to the program stays as it is.
  process.on('uncaughtExceptionMonitor', noteError)
}
