import type { SourceChoice } from '../../shared/contract'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { Inspection } from '../../shared/domain/inspection'
import { MIXED_SIZE, exportedFrom, inspectSource, originOf } from '../datasets'
import { allowedChoice } from './allowed-spec'
import type { ReferenceContext } from './allowed-spec'

/** What an import would make of a source, and of which datasets here it was exported or may be made. Writes nothing. */
export async function inspectChoice(
  context: Pick<ReferenceContext, 'datasets' | 'shell'>,
  choice: SourceChoice
): Promise<Inspection> {
  const { source, versionOf, ...options } = allowedChoice(context, choice)
  // As the import reads a version: as its manifest says.
  const origin = versionOf === undefined ? undefined : await originOf(source, context.datasets.get(versionOf))
  const found = await inspectSource(source, { ...options, mixedSize: MIXED_SIZE, ...origin?.readAs })
  const sources = new Set(await exportedFrom(source))
  const named = ({ id, name }: DatasetMeta): { dataset: string; name: string } => ({ dataset: id, name })
  const all = context.datasets.list()
  const exportOf = all.filter(({ id }) => sources.has(id)).map(named)
  const likeOf = all
    .filter((meta) => !sources.has(meta.id) && isLike(meta, found))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map(named)
  return {
    ...found,
    ...(exportOf.length > 0 && { exportOf }),
    ...(likeOf.length > 0 && { likeOf })
  }
}

/** Whether one may be a version of the other: of one kind, with most classes and columns in common. */
function isLike(meta: DatasetMeta, found: Inspection): boolean {
  const isTable = ({ shape }: Pick<DatasetMeta, 'shape'>): boolean => shape.length === 1
  if (found.shape && isTable(meta) !== isTable({ shape: found.shape })) return false
  const columns = meta.representation?.columns.map(({ name }) => name) ?? meta.columns ?? []
  const others = found.tableColumns?.map(({ name }) => name) ?? []
  return isMostly(meta.classNames, found.classNames) && isMostly(columns, others)
}

/** Whether most of the shorter list is in the other; an empty one is not known yet. */
function isMostly(a: readonly string[], b: readonly string[]): boolean {
  const [shorter, longer] = a.length < b.length ? [a, new Set(b)] : [b, new Set(a)]
  const shared = shorter.filter((name) => longer.has(name)).length
  return shorter.length === 0 || 2 * shared >= shorter.length
}
