import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { implement } from '@orpc/server'
import * as z from 'zod'
import { licences } from '../../shared/contract/licences'
import { Failure } from '../../shared/domain/failure'
import { productFolder } from '../files/product'
import type { ApiContext } from './context'

const os = implement(licences).$context<ApiContext>()

/** As scripts/licences/write.mjs writes it. */
const file = z.array(
  z.object({
    name: z.string(),
    version: z.string(),
    license: z.string(),
    home: z.string().optional(),
    text: z.string()
  })
)
type Component = z.infer<typeof file>[number]

export const licenceProcedures = os.router({
  list: os.list.handler(async () =>
    (await components()).map(({ name, version, license, home }) => ({
      name,
      version,
      license,
      home: home ?? null
    }))
  ),
  text: os.text.handler(async ({ input }) => {
    const found = (await components()).find(
      ({ name, version }) => name === input.name && version === input.version
    )
    if (found) return { text: found.text }
    throw new Failure(
      'not-found',
      `${input.name} ${input.version} is not shipped.`,
      'Look at the list again.'
    )
  })
})

/** @throws Failure not-found in a checkout that has not been built */
async function components(): Promise<Component[]> {
  const place = path.join(productFolder(), 'out/licences/licences.json')
  try {
    return file.parse(JSON.parse(await readFile(place, 'utf8')))
  } catch (error) {
    throw new Failure(
      'not-found',
      'The list of licences has not been built.',
      'Run "npm run build" in the checkout, or install Bilevel Workbench again.',
      { cause: error }
    )
  }
}
