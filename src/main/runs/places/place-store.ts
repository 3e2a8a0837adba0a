import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { badInput, Failure } from '../../../shared/domain/failure'
import { place } from '../../../shared/domain/place'
import type { Place } from '../../../shared/domain/place'
import { writeAtomicallySync } from '../../files/write-atomically'

/** The places of a workspace, in `places.json`: no password and no key is among it. */
export class PlaceStore {
  readonly #file: string

  constructor(workspace: string) {
    this.#file = path.join(workspace, 'places.json')
  }

  /** @throws Failure bad-input for a file that somebody changed */
  list(): Place[] {
    if (!existsSync(this.#file)) return []
    try {
      return z.array(place).parse(JSON.parse(readFileSync(this.#file, 'utf8')))
    } catch (error) {
      throw badInput(`${this.#file} is not what places are kept as.`, 'Remove it and add them again.', error)
    }
  }

  /** @throws Failure not-found */
  get(name: string): Place {
    const found = this.list().find((other) => other.name === name)
    if (found) return found
    throw new Failure('not-found', `There is no place "${name}".`, 'See "bilevel places list".')
  }

  /** Add it, or change the one of that name. @throws Failure bad-input that names the field */
  save(values: unknown): Place {
    const parsed = place.safeParse(values)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw badInput(`The ${String(issue?.path[0])} of the place ${issue?.message}.`, 'Give another.')
    }
    const others = this.list().filter(({ name }) => name !== parsed.data.name)
    this.#write([...others, parsed.data])
    return parsed.data
  }

  /** @throws Failure not-found */
  remove(name: string): void {
    const { name: known } = this.get(name)
    this.#write(this.list().filter((other) => other.name !== known))
  }

  #write(places: readonly Place[]): void {
    writeAtomicallySync(this.#file, `${JSON.stringify(places, null, 2)}\n`)
  }
}
