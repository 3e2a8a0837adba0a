// Processor time of processes, from Linux's /proc: unlike the clock, it bears company on the machine.
import { readFileSync, readdirSync } from 'node:fs'

/** Ticks of /proc a second: 100 on every Linux that Node runs on. */
const TICKS = 100

export interface ProcessTime {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** Seconds that all its threads have had, its own and the kernel's on its behalf. */
  readonly seconds: number
}

/** All processes there are now; none where there is no /proc. */
export function processTimes(): ProcessTime[] {
  let entries: string[]
  try {
    entries = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return entries.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The second field is a name in brackets, which may hold blanks and brackets; the rest is counted from its end.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [parent, user, system] = [1, 11, 12].map((i) => Number(fields[i]))
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return [{ pid: Number(name), parent: parent!, command, seconds: (user! + system!) / TICKS }]
    } catch {
      // It has ended since its name was read.
      return []
    }
  })
}

/** A process and all it has started, of a list of all. */
export function familyOf(all: readonly ProcessTime[], pid: number): ProcessTime[] {
  const children = all.filter(({ parent }) => parent === pid)
  return [...all.filter((one) => one.pid === pid), ...children.flatMap((child) => familyOf(all, child.pid))]
}
