import { playInElectron } from './in-electron'
import { describeTasks } from './tasks'

playInElectron(describeTasks)
