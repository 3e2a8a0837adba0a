import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useExtractorNames } from '@renderer/client'
import type { DatasetMeta } from '@shared/domain/dataset'
import { adviseOnRepresentation } from '@shared/domain/representation-advice'
import type { RepresentationAdvice } from '@shared/domain/representation-advice'
import { FEATURES_FIELD } from './form-fields'
import type { RunDraft } from './run-draft'

/**
 * Where another representation or model would find more than the one chosen, and the shape of what would be learned from;
 * also before all is chosen.
 */
export function useDraftAdvice(
  { task, data, settings, spec, preflight }: RunDraft,
  datasets: () => readonly DatasetMeta[]
): {
  /** Null where nothing is advised; undefined until it is known. */
  readonly advice: ComputedRef<RepresentationAdvice | null | undefined>
  readonly shape: ComputedRef<readonly number[] | undefined>
} {
  const extractors = useExtractorNames()
  /** The dataset of the training data, where it is one of the workspace. */
  const trainMeta = computed(() => {
    const source = (data.value['train'] ?? '').split(/[#[+]/)[0]
    return datasets().find(({ name, id }) => name === source || id === source)
  })
  const shape = computed(() => preflight.value?.data[0]?.shape ?? trainMeta.value?.shape)
  const advice = computed(() => {
    if (!shape.value || !extractors.value) return undefined
    const found = adviseOnRepresentation({
      task: task.value,
      model: spec.value?.model ?? String(settings.value['model'] ?? ''),
      features: String(settings.value[FEATURES_FIELD] ?? '') || undefined,
      shape: shape.value,
      hasTexts: trainMeta.value?.representation?.columns.some(({ role }) => role === 'text') ?? false,
      extractors: extractors.value
    })
    return found ?? null
  })
  return { advice, shape }
}
