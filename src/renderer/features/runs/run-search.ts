import type { RunRecord } from '@shared/domain/run'

/** How a tag is looked for: by it alone, in quotes. */
export function tagSought(tag: string): string {
  return `tag:"${tag}"`
}

/** Whether a run has a tag, or what was typed in its name, its id, a tag or its note; everything where nothing was. */
export function isFound(
  { id, name, tags = [], note = '' }: Pick<RunRecord, 'id' | 'name' | 'tags' | 'note'>,
  sought: string
): boolean {
  const text = sought.trim().toLowerCase()
  const tag = /^tag:"(.*)"$/.exec(text)?.[1]
  if (tag !== undefined) return tags.some((one) => one.toLowerCase() === tag)
  return [id, name, note, ...tags].some((one) => one.toLowerCase().includes(text))
}

/** Tags in use, by name; those that differ by capitals alone once. */
export function knownTags(records: readonly Pick<RunRecord, 'tags'>[]): string[] {
  const known = new Map<string, string>()
  for (const { tags = [] } of records)
    for (const tag of tags) if (!known.has(tag.toLowerCase())) known.set(tag.toLowerCase(), tag)
  return [...known.values()].sort((a, b) => a.localeCompare(b))
}
