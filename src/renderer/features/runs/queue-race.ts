import { client } from '@renderer/client'
import { raceMethods } from '@shared/tasks'
import { raceOf } from './race'
import { METHOD_WORDS, methodName } from '@shared/domain/method'

/**
 * One run a method on the same data, settings and seed: those of the list where they are, new ones queued for
 * the rest.
 * @returns ids in the order of the methods
 */
export async function queueRace(run: string, name: string): Promise<string[]> {
  const { spec } = await client.runs.again({ run })
  const runs = raceOf(spec, await client.runs.list())
  const methods = raceMethods(spec)
  const missing = methods.filter((method) => !runs.has(method))
  const created =
    missing.length === 0
      ? []
      : await client.runs.race({
          spec,
          lanes: missing.map((method) => ({
            method,
            name: `${withoutMethod(name)} (${methodName(method)})`
          }))
        })
  const all = new Map([...runs, ...missing.map((method, i) => [method, created[i]!] as const)])
  return methods.map((method) => all.get(method)!.id)
}

/** A run of a race carries its method in its name already. */
function withoutMethod(name: string): string {
  const words = Object.values(METHOD_WORDS).map(({ name }) => ` (${name})`)
  const ending = words.find((word) => name.endsWith(word))
  return ending ? name.slice(0, -ending.length) : name
}
