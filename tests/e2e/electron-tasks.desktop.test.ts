import { playInElectron } from './in-electron'
import { describeTasks } from './tasks'

/** BILEVEL_TEST_COMPLETE=1 for those that train for minutes, too. */
const isComplete = process.env['BILEVEL_TEST_COMPLETE'] !== undefined

playInElectron((where, launch) => describeTasks(where, launch, isComplete))
