import { playInElectron } from './in-electron'
import { describePoisoning } from './tasks'

playInElectron(describePoisoning)
