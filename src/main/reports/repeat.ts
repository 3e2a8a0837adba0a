import { commandOf, fitsCommand } from '../../shared/tasks/spec-command'
import type { TaskSpec } from '../../shared/domain/task-spec'

/** The command that repeats a run; undefined where only a file says all of its spec. */
export function commandOfSpec(spec: TaskSpec): string | undefined {
  return fitsCommand(spec) ? commandOf(spec, 'again') : undefined
}
