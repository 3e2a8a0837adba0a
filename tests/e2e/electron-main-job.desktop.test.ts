import { playInElectron } from './in-electron'
import { describeMainJob } from './main-job'

playInElectron(describeMainJob)
