import { contextBridge, ipcRenderer } from 'electron'
import { OVERVIEW_CHANNEL } from '../shared/contract/overview'
import type { Overview } from '../shared/contract/overview'
import type { Bridge } from './bridge'

const bridge: Bridge = {
  overview: () => ipcRenderer.invoke(OVERVIEW_CHANNEL) as Promise<Overview>
}

contextBridge.exposeInMainWorld('workbench', bridge)
