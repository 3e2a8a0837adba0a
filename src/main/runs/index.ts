// The public face of the run room.
export { openWorkspace } from './workspace'
export type { Workspace } from './workspace'
export { RunStore } from './run-store'
export { createRun, executeRun } from './execute-run'
export type { RunOrder, RunOutcome, RunWatch } from './execute-run'
export { diagnose, validateSpec } from './ask-worker'
export type { Diagnosis, Finding } from './protocol'
export { Scheduler } from './scheduler'
