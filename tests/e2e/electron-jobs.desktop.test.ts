import { playInElectronToo } from './in-electron'
import { describeJobs } from './jobs'

playInElectronToo(describeJobs)
