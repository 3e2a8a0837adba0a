import type { TaskName } from '../../shared/domain/task-spec'

/** What it means for a run that a manifest calls the data of one of its roles poisoned. */
export function poisonWarning(task: TaskName, role: string, reference: string): string {
  return `${reference} (${role}) is POISONED, as its manifest says: ${consequence(task, role)}`
}

function consequence(task: TaskName, role: string): string {
  if (role === 'trusted' || role === 'validation') {
    return 'the run would rely on examples made to mislead it. Take clean ones.'
  }
  if (role === 'test') return 'what is measured on it says little. Take clean examples.'
  return task === 'denoising'
    ? 'right for a defence, which looks for the poisons; whatever else is trained on it may fail as the attack meant it to.'
    : 'whatever is trained on it may fail as the attack meant it to. "bilevel datasets export ... --without-poisons" writes it without the poisons.'
}
