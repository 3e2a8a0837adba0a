import type { SourceChoice } from '../../shared/contract'
import type { Inspection } from '../../shared/domain/inspection'
import { MIXED_SIZE, exportedFrom, inspectSource, originOf } from '../datasets'
import { allowedChoice } from './allowed-spec'
import type { ReferenceContext } from './allowed-spec'

/** What an import would make of a source, and of which datasets here it was exported. Writes nothing. */
export async function inspectChoice(
  context: Pick<ReferenceContext, 'datasets' | 'shell'>,
  choice: SourceChoice
): Promise<Inspection> {
  const { source, versionOf, ...options } = allowedChoice(context, choice)
  // As the import reads a version: as its manifest says.
  const origin = versionOf === undefined ? undefined : await originOf(source, context.datasets.get(versionOf))
  const found = await inspectSource(source, { ...options, mixedSize: MIXED_SIZE, ...origin?.readAs })
  const sources = new Set(await exportedFrom(source))
  const exportOf = context.datasets
    .list()
    .filter(({ id }) => sources.has(id))
    .map(({ id, name }) => ({ dataset: id, name }))
  return exportOf.length > 0 ? { ...found, exportOf } : found
}
