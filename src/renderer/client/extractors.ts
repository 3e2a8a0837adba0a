import { onMounted, shallowRef } from 'vue'
import { client } from './connection'

/** Names of the extractors that can be used here, by what they read. */
export interface ExtractorNames {
  readonly pictures: readonly string[]
  readonly texts: readonly string[]
}

/** Undefined until they are known. */
export function useExtractorNames() {
  const names = shallowRef<ExtractorNames>()
  onMounted(async () => {
    const { known } = await client.extractors.list().catch(() => ({ known: [] }))
    const reading = (input: 'pictures' | 'texts'): string[] =>
      known
        .filter(({ inputs, problem }) => problem === undefined && inputs.includes(input))
        .map(({ name }) => name)
    names.value = { pictures: reading('pictures'), texts: reading('texts') }
  })
  return names
}
