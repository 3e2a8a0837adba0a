import type * as z from 'zod'

// What was typed or chosen and not sent yet outlives its page and a reload, in this window only.

const PREFIX = 'kept '

/** What was kept under that name; undefined when there is nothing, or nothing of that form. */
export function kept<T>(name: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null')).data
  } catch {
    return undefined
  }
}

/** @param value undefined forgets it */
export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + name)
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // A browser that keeps nothing: then it lasts as long as the page.
  }
}
