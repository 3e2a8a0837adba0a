import { nextTick, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { RepresentationAdvice } from '@shared/domain/representation-advice'
import { FEATURES_FIELD, isOfPreset } from './form-fields'
import type { RunDraft } from './run-draft'

type Change = NonNullable<RepresentationAdvice['change']>

function takenWords({ features }: Change): string {
  return `The run learns from features of ${features}: on photographs they find far more than pixels, in a fraction of the time.`
}

const QUICKEST: Change = { model: 'logistic' }

/** Do what is advised: by a preset that says so where nothing else was set by hand, else field by field. */
export function follow(draft: RunDraft, { model, ...fields }: Change): void {
  const { card, preset, settings } = draft
  const fitting = card.value.presets.find(({ values }) => values['model'] === model)
  if (fitting && isOfPreset(card.value.task, preset.value, settings.value)) preset.value = fitting.name
  else draft.setField('model', model)
  for (const [name, value] of Object.entries(fields)) draft.setField(name, value)
}

export interface FirstChoice {
  /** What was chosen for photographs before anybody asked. */
  readonly taken: ShallowRef<RepresentationAdvice | undefined>
  /** From here on: once the data are known, what suits them is chosen. */
  begin(): void
  takeBack(): void
}

/**
 * Photographs are learned from by features where an extractor is there: who has never heard of them would start many minutes
 * on pixels. Without an extractor it is the quickest preset.
 * @param advice once all that it needs is known; null where nothing is advised, undefined until then
 * @param onChosen once the draft is as it is first shown
 */
export function useFirstChoice(
  draft: RunDraft,
  advice: Ref<RepresentationAdvice | null | undefined>,
  onChosen: () => void
): FirstChoice {
  const isOpen = ref(false)
  const taken = shallowRef<RepresentationAdvice>()
  watch([isOpen, advice], async ([open, now]) => {
    if (!open || now === undefined) return
    isOpen.value = false
    if (now?.about !== 'photographs') return
    if (now.change) {
      follow(draft, now.change)
      taken.value = { ...now, text: takenWords(now.change) }
    } else if (draft.task.value === 'denoising') follow(draft, QUICKEST)
    await nextTick()
    onChosen()
  })
  // It is no longer what was chosen here.
  watch(
    () => draft.settings.value[FEATURES_FIELD],
    (features) => {
      if (features !== taken.value?.change?.features) taken.value = undefined
    }
  )
  return {
    taken,
    begin: () => void (isOpen.value = true),
    takeBack: () => draft.setField(FEATURES_FIELD, undefined)
  }
}
