/** What is asked for as text: equal for equal orders, in whatever order their fields come. */
export function orderKey(order: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(order).filter(([, value]) => value !== undefined)
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
}
