import { classesWithoutTrusted } from '../../../engine/tasks/denoising/inputs'
import type { DenoisingSources } from '../../../engine/tasks/denoising/inputs'
import type { ExampleSource } from '../../../engine/tasks/shared/task-run'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { knownClasses } from '../../../shared/numerics/known-classes'

/** Names that a sentence holds: so many, and so many characters of them, at most. */
const NAMED = 5
const CHARACTERS = 100

/** What it costs that some classes have no trusted example. */
export function trustedWarnings(sources: DenoisingSources, spec: DenoisingSpec): string[] {
  const missing = classesWithoutTrusted(sources, spec)
  return missing.length === 0
    ? []
    : [
        `${sentence(missing, sources.train.classNames, 'has no trusted example', 'have no trusted example')} ` +
          'Their labels are judged by the other given labels alone, so an error that is made alike throughout such a class can pass for right; ' +
          'which classifier to take is decided on the other classes. A few trusted examples of each would mend that.'
      ]
}

/** That what is chosen or attacked by validation examples leaves out classes. @param effect on those classes */
export function validationWarnings(
  { train, validation }: { readonly train: ExampleSource; readonly validation: ExampleSource },
  effect: string
): string[] {
  const known = knownClasses(validation.labels, train.labels, train.classNames.length)
  if (!known) return []
  const missing = train.classNames.filter((_, k) => !known[k] && train.labels.includes(k))
  const [one, many] = ['has', 'have'].map((verb) => `${verb} no example in --validation`)
  return [`${sentence(missing, train.classNames, one!, many!)} ${effect}`]
}

function sentence(missing: readonly string[], all: readonly string[], one: string, many: string): string {
  const fitting = missing
    .slice(0, NAMED)
    .filter((_, i) => missing.slice(0, i + 1).join().length <= CHARACTERS)
  const names = (fitting.length > 0 ? fitting : missing.slice(0, 1)).map((name) => `"${name}"`)
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : ''
  return `${missing.length} of ${all.length} classes ${missing.length === 1 ? one : many}: ${names.join(', ')}${more}.`
}
