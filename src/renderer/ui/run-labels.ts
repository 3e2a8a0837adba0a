import type { RunRecord } from '@shared/domain/run'
import { moment } from '@shared/words/numbers'

/** Whether no other run of a list has its name, in whatever case. */
export function isNameItsOwn(run: RunRecord, among: readonly RunRecord[]): boolean {
  const name = run.name.toLowerCase()
  return among.filter((other) => other.name.toLowerCase() === name).length === 1
}

/** A run's name, with its time where several of a list have the same. */
export function runLabel(run: RunRecord, among: readonly RunRecord[]): string {
  return isNameItsOwn(run, among) ? run.name : `${run.name}, ${moment(run.createdAt)}`
}
