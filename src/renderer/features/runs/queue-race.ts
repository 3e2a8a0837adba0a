import { client } from '@renderer/client'
import type { TaskSpec } from '@shared/domain/task-spec'
import { raceMethods } from '@shared/domain/race-methods'
import { raceOf } from './race'
import { METHOD_WORDS } from './run-words'

/**
 * One run a method on the same data, settings and seed: those of the list where they are, new ones queued for
 * the rest.
 * @returns ids in the order of the methods
 */
export async function queueRace(run: string, name: string): Promise<string[]> {
  const { spec } = await client.runs.again({ run })
  const runs = raceOf(spec, await client.runs.list())
  const ids: string[] = []
  for (const method of raceMethods(spec)) {
    const present = runs.get(method)
    const record =
      present ??
      (await client.runs.create({
        spec: { ...spec, method } as TaskSpec,
        name: `${withoutMethod(name)} (${METHOD_WORDS[method] ?? method})`
      }))
    ids.push(record.id)
  }
  return ids
}

/** A run of a race carries its method in its name already. */
function withoutMethod(name: string): string {
  const words = Object.values(METHOD_WORDS).map((word) => ` (${word})`)
  const ending = words.find((word) => name.endsWith(word))
  return ending ? name.slice(0, -ending.length) : name
}
