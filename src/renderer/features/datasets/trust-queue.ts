import { Random } from '@shared/numerics/random'

/**
 * Random examples one by one, classes in turn, so that the trusted set is balanced from the start.
 * Decided rows are left out; the order depends on nothing but the seed.
 */
export function queueOf(
  candidates: readonly number[],
  given: readonly number[],
  decided: ReadonlySet<number>,
  seed: number
): number[] {
  const order = Random.derive(seed, 'trust queue').permutation(candidates.length)
  const byClass = new Map<number, number[]>()
  for (const i of order) {
    const row = candidates[i]!
    if (decided.has(row)) continue
    const label = given[row]!
    const list = byClass.get(label)
    if (list) list.push(row)
    else byClass.set(label, [row])
  }
  const lists = [...byClass.entries()].sort(([a], [b]) => a - b).map(([, list]) => list)
  const queue: number[] = []
  for (let turn = 0; queue.length < candidates.length; turn++) {
    const before = queue.length
    for (const list of lists) if (turn < list.length) queue.push(list[turn]!)
    if (queue.length === before) break
  }
  return queue
}
