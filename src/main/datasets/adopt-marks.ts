import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { trustedMark, type TrustedMark } from '../../shared/domain/trusted-set'
import { NO_DECISIONS } from './label-decisions'
import type { LabelDecisions } from './label-decisions'
import { readMeta } from './store/dataset-folder'

/** Folder inside a dataset's own. */
export const TRUSTED_FOLDER = 'trusted'

/** Where earlier versions kept what is trusted of a dataset. */
const KEPT_FILE = 'marks.json'
/** What became of it: kept beside, for an earlier version or for a person to look at. */
const ADOPTED_FILE = 'marks.adopted.json'
const DAMAGED_FILE = 'marks.damaged.json'

const keptTrust = z.object({ marks: z.array(trustedMark), reference: z.string().nullable() })

/**
 * Take over what earlier versions kept in a file beside each dataset, once. Of a file that cannot be read whole
 * every mark is taken that can be; the file stays, and {@link damagedMarks} says so.
 */
export function adoptMarks(root: string, decisions: LabelDecisions): void {
  if (decisions === NO_DECISIONS || !existsSync(root)) return
  for (const name of readdirSync(root)) {
    const folder = path.join(root, name)
    const file = path.join(folder, TRUSTED_FOLDER, KEPT_FILE)
    if (!existsSync(file)) continue
    const meta = readMeta(folder)
    if (!meta) continue
    try {
      const { kept, isComplete } = readKept(readFileSync(file, 'utf8'))
      const marks = kept.marks.filter(({ row, label }) => row < meta.count && label < meta.classNames.length)
      decisions.adopt(meta.id, { ...kept, marks })
      const isRight = isComplete && marks.length === kept.marks.length
      renameSync(file, path.join(path.dirname(file), isRight ? ADOPTED_FILE : DAMAGED_FILE))
    } catch (error) {
      // Another process took it over at the same moment, or this workspace cannot be written: later, then.
      if (existsSync(file)) console.warn(`${file} was not taken over: ${String(error)}`)
    }
  }
}

/** What to say of marks that could not all be taken over; null where there are none. */
export function damagedMarks(folder: string): string | null {
  const file = path.join(folder, TRUSTED_FOLDER, DAMAGED_FILE)
  if (!existsSync(file)) return null
  const { kept } = readKept(readFileSync(file, 'utf8'))
  return `Marks of an earlier version could not be read whole: ${kept.marks.length} were taken over. Remove ${file} when nothing of it is missed.`
}

function readKept(text: string): { kept: z.infer<typeof keptTrust>; isComplete: boolean } {
  try {
    return { kept: keptTrust.parse(JSON.parse(text)), isComplete: true }
  } catch {
    const marks = new Map<number, TrustedMark>()
    for (const [, row, label] of text.matchAll(/\{"row":(\d{1,15}),"label":(\d{1,15})\}/g))
      marks.set(Number(row), { row: Number(row), label: Number(label) })
    const reference = /"reference":("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
    const named = reference === undefined ? null : (JSON.parse(reference) as string)
    return { kept: { marks: [...marks.values()], reference: named }, isComplete: false }
  }
}
