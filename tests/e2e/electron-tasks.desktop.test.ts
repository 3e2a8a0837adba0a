import { playInElectronToo } from './in-electron'
import { describeTasks } from './tasks'

playInElectronToo(describeTasks)
