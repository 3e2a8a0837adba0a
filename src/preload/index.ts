import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { DESKTOP_CHANNELS as CHANNELS } from '../shared/contract/desktop'
import type { Bridge } from './bridge'

/** A message port cannot cross the context bridge: the page posts it, and it is passed on from here. */
window.addEventListener('message', (event) => {
  const [port] = event.ports
  if (event.source === window && event.data === CHANNELS.connect && port) {
    ipcRenderer.postMessage(CHANNELS.connect, null, [port])
  }
})

const bridge: Bridge = {
  connectMessage: CHANNELS.connect,
  pathOf: (file) => webUtils.getPathForFile(file),
  chooseSource: (kind) => ipcRenderer.invoke(CHANNELS.chooseSource, kind) as Promise<string | null>,
  chooseFolder: () => ipcRenderer.invoke(CHANNELS.chooseFolder) as Promise<string | null>,
  reveal: (path) => ipcRenderer.invoke(CHANNELS.reveal, path) as Promise<void>,
  openWorkspace: (path) => ipcRenderer.invoke(CHANNELS.openWorkspace, path) as Promise<void>,
  onNavigate: (go) => {
    ipcRenderer.on(CHANNELS.navigate, (_event, route: string) => go(route))
  }
}

contextBridge.exposeInMainWorld('workbench', bridge)
