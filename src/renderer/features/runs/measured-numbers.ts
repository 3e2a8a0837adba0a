/** A number of report.json with the words that lead to it. */
export interface MeasuredNumber {
  readonly path: readonly string[]
  readonly value: number
}

/** Numbers of a metrics object, nested ones by their path; lists and texts are left to the file. */
export function measuredNumbers(metrics: unknown, path: readonly string[] = []): MeasuredNumber[] {
  if (typeof metrics === 'number') return [{ path, value: metrics }]
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return []
  return Object.entries(metrics).flatMap(([name, value]) => measuredNumbers(value, [...path, name]))
}

/** testAccuracy -> "test accuracy". */
export function spoken(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}

/** Groups of shares between 0 and 1 that belong together: testAccuracy: {clean, labelFlip, poisoned}. */
export function shareGroups(
  metrics: Readonly<Record<string, unknown>>
): { title: string; bars: { name: string; value: number; best: boolean }[] }[] {
  return Object.entries(metrics).flatMap(([title, group]) => {
    if (typeof group !== 'object' || group === null || Array.isArray(group)) return []
    const bars = Object.entries(group).flatMap(([name, value]) =>
      typeof value === 'number' && value >= 0 && value <= 1
        ? [{ name: spoken(name), value, best: false }]
        : []
    )
    if (bars.length < 2 || !/accuracy|rate/i.test(title)) return []
    return [{ title: spoken(title), bars: bars.map((bar, i) => ({ ...bar, best: i === bars.length - 1 })) }]
  })
}
