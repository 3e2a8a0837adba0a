import { playInElectron } from './in-electron'
import { describePages } from './pages'

playInElectron(describePages)
