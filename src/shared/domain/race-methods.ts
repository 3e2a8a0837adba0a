import { METHODS } from './task-spec'
import type { Method, TaskSpec } from './task-spec'

/**
 * The methods that can be raced on a task. GD leaves out how the victim follows the poisons, which is all that
 * added points act through: it moves none, and the task refuses it.
 */
export function raceMethods(spec: TaskSpec): readonly Method[] {
  const isByAddedPoints = spec.task === 'poisoning' && spec.attack !== 'clean-label'
  return isByAddedPoints ? METHODS.filter((method) => method !== 'gd') : METHODS
}
