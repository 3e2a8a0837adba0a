/** The last message of a program whose port does not say what has left, and its owner's answer. */
export const FAREWELL = { type: 'farewell' } as const

export function isFarewell(message: unknown): boolean {
  return (
    typeof message === 'object' && message !== null && 'type' in message && message.type === FAREWELL.type
  )
}
