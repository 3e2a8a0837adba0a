import * as z from 'zod'

/** Who decided where nobody knows. */
export const NOBODY = 'unknown'

/** Most characters of a name. */
export const LONGEST_NAME = 60

/** What a person is called here: any name that can be seen, no account. Commas part several. */
export const reviewerName = z
  .string()
  .normalize('NFC')
  .trim()
  .min(1)
  .max(LONGEST_NAME)
  .regex(/^(?=.*[\p{L}\p{N}\p{P}\p{S}])[^,\p{Cc}\p{Cs}]+$/u, 'a name that can be seen, without commas')
  .refine((name) => name !== NOBODY, 'the name of somebody')
