import { playInElectron } from './in-electron'
import { describeJobs } from './jobs'

playInElectron(describeJobs)
