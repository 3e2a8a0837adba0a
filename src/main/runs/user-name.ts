import { userInfo } from 'node:os'

/** Who works here, as the system knows them: the name that decisions bear. */
export function userName(): string {
  try {
    return userInfo().username || 'unknown'
  } catch {
    // A container may run as a number that has no name.
    return process.env['USER'] ?? 'unknown'
  }
}
