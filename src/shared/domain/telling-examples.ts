import type { IssueTable } from './review'

/** How many are asked for at a time: as many as a person judges in a few minutes. */
export const ASKED = 20

/** What is known of each example before anybody judges. */
export type Judgeable = Pick<IssueTable, 'given' | 'combined' | 'classNames'>

/**
 * The examples whose judgement would tell most, the most telling first: those whose label is as likely right as wrong,
 * from every class in turn, since a class of which nothing is decided is one of which the next run knows least.
 * @param count how many, at most
 * @param isDecided rows that need no judgement any more
 */
export function tellingExamples(
  { given, combined, classNames }: Judgeable,
  count: number,
  isDecided: (row: number) => boolean = () => false
): number[] {
  const queues = classNames.map((): number[] => [])
  const doubt = (row: number): number => Math.abs(combined[row]! - 0.5)
  given.forEach((label, row) => {
    if (!isDecided(row)) queues[label]!.push(row)
  })
  for (const queue of queues) queue.sort((a, b) => doubt(a) - doubt(b) || a - b)
  const asked: number[] = []
  for (let turn = 0; asked.length < count; turn++) {
    const ofTurn = queues.flatMap((queue) => queue[turn] ?? [])
    if (ofTurn.length === 0) break
    ofTurn.sort((a, b) => doubt(a) - doubt(b) || a - b)
    asked.push(...ofTurn.slice(0, count - asked.length))
  }
  return asked
}
