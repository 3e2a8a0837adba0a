import type { ExampleShape } from '../../shared/domain/dataset'
import type { OpenedSource } from './codecs/open-source'
import { isPoisoned } from './poisoned-manifest'
import type { FeatureRange } from './store/feature-writer'

/** Floats of images beyond this are no pixels of 0..1, nor standardised ones. */
const USUAL_RANGE = 2

/** Everything that an import warns of: the assistant shows it before, meta.json keeps it after. */
export function importWarnings(
  opened: OpenedSource,
  { shape, range }: { readonly shape?: ExampleShape; readonly range?: FeatureRange },
  whileReading: readonly string[] = []
): string[] {
  const warnings = [...opened.reader.facts.warnings, ...whileReading]
  if (isPoisoned(opened.path)) {
    warnings.unshift('A manifest says that this set is poisoned: do not train on it unawares.')
  }
  if (shape?.length === 3 && range && (range.min < -USUAL_RANGE || range.max > USUAL_RANGE)) {
    warnings.push(
      `Float images reach from ${range.min} to ${range.max}; they are used as they are. Pixels train best in 0..1, or saved as uint8.`
    )
  }
  return [...new Set(warnings)]
}
