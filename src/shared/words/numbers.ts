/** Numbers and times as a reader wants them. */

/** 75 -> "1 min 15 s"; 4000 -> "1 h 6 min". */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds))
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`
}

/** 1 -> "1st", 12 -> "12th", 23 -> "23rd". */
export function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${n}${ending}`
}

/** A time that is not known to the second: 7 -> "10 s", 742 -> "12 min", 4000 -> "1 h 10 min". */
export function roughTime(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, 5 * Math.ceil(seconds / 5))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${Math.max(1, minutes)} min`
  const tens = 10 * Math.round(seconds / 600)
  return tens % 60 === 0 ? `${tens / 60} h` : `${Math.floor(tens / 60)} h ${tens % 60} min`
}

/** 130 and 700 -> "2 to 12 min"; in one unit where both have it. */
export function rangeOfTimes(low: number, high: number): string {
  const [from, to] = [roughTime(low), roughTime(high)]
  if (from === to) return `about ${to}`
  const unit = / (s|min|h)$/.exec(to)?.[0]
  return unit && from.endsWith(unit) && !from.slice(0, -unit.length).includes(' ')
    ? `${from.slice(0, -unit.length)} to ${to}`
    : `${from} to ${to}`
}

/** 0.9123 -> "91.2 %". */
export function percent(fraction: number | null | undefined, digits = 1): string {
  return fraction === null || fraction === undefined ? '–' : `${(fraction * 100).toFixed(digits)} %`
}

export function count(n: number): string {
  return n.toLocaleString('en')
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length, Math.floor(Math.log2(n) / 10))
  return `${(n / 1024 ** power).toFixed(n / 1024 ** power < 10 ? 1 : 0)} ${units[power - 1]}`
}

/** "3 examples", "1 example". */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`
}

const CLOCK = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23'
})

export function moment(iso: string): string {
  return CLOCK.format(new Date(iso))
}

/** [28, 28, 1] -> "28 x 28, gray"; [12] -> "12 features". */
export function shapeWords(shape: readonly number[]): string {
  if (shape.length === 1) return `${shape[0]} features`
  const [height, width, channels] = shape
  const colour = channels === 1 ? 'gray' : channels === 3 ? 'colour' : `${channels} channels`
  return `${width} × ${height}, ${colour}`
}
