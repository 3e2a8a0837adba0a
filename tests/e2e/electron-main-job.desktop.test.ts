import { playInElectron } from './in-electron'
import { describeMainJob } from './main-job'

playInElectron((where, launch, isComplete) => describeMainJob(where, launch, { isShort: !isComplete }))
