import { CONNECTION_FAULTS } from './connection-faults'
import { COORDINATOR_FAULTS } from './coordinator-faults'
import type { Fault } from './fault'
import { JOB_FAULTS } from './job-faults'
import { PLACE_FAULTS } from './place-faults'

export const FAULTS: readonly Fault[] = [
  ...PLACE_FAULTS,
  ...COORDINATOR_FAULTS,
  ...JOB_FAULTS,
  ...CONNECTION_FAULTS
]
