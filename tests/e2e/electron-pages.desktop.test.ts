import { playInElectronToo } from './in-electron'
import { describePages } from './pages'

playInElectronToo(describePages)
