/**
 * Classes that have an example, in their order. A list of classes may name some without (a folder that is empty, a
 * part of CIFAR): they take no part in what a task asks.
 */
export function occurringClasses(...labels: readonly Int32Array[]): number[] {
  const seen = new Set<number>()
  for (const list of labels) for (const label of list) seen.add(label)
  return [...seen].sort((a, b) => a - b)
}
