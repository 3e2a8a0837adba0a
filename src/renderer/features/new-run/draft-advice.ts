import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useExtractorNames } from '@renderer/client'
import type { DatasetMeta } from '@shared/domain/dataset'
import { adviseOnRepresentation } from '@shared/domain/representation-advice'
import { FEATURES_FIELD } from './form-fields'
import type { RunDraft } from './run-draft'

/** Where another representation or model would find more than the one chosen: also before all is chosen. */
export function useDraftAdvice(
  { task, data, settings, spec, preflight }: RunDraft,
  datasets: () => readonly DatasetMeta[]
): ComputedRef<ReturnType<typeof adviseOnRepresentation>> {
  const extractors = useExtractorNames()
  /** The dataset of the training data, where it is one of the workspace. */
  const trainMeta = computed(() => {
    const source = (data.value['train'] ?? '').split(/[#[+]/)[0]
    return datasets().find(({ name, id }) => name === source || id === source)
  })
  return computed(() => {
    const shape = preflight.value?.data[0]?.shape ?? trainMeta.value?.shape
    if (!shape || !extractors.value) return undefined
    return adviseOnRepresentation({
      task: task.value,
      model: spec.value?.model ?? String(settings.value['model'] ?? ''),
      features: String(settings.value[FEATURES_FIELD] ?? '') || undefined,
      shape,
      hasTexts: trainMeta.value?.representation?.columns.some(({ role }) => role === 'text') ?? false,
      extractors: extractors.value
    })
  })
}
