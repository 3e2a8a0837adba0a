import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { Preflight } from '@shared/domain/estimate'
import { proposePlace } from '@shared/domain/place-choice'

/** How the choice names no place. */
export const HERE = 'This machine'

export interface TrainingPlace {
  /** Names of the workspace's places. */
  readonly places: ShallowRef<readonly string[]>
  readonly proposal: ComputedRef<ReturnType<typeof proposePlace>>
  /** The choice as it is shown: a place's name, or HERE. */
  readonly shown: ComputedRef<string>
  readonly isProposed: ComputedRef<boolean>
  /** What is shown is what holds, for one run, a race and a sweep; undefined for this machine. */
  readonly place: ComputedRef<string | undefined>
  choose(shown: string): void
}

/** Where the draft is trained: as a person chose; until then by the size of what would be started. */
export function useTrainingPlace(
  runs: () => number,
  estimate: () => Preflight['estimate'] | undefined
): TrainingPlace {
  const places = shallowRef<readonly string[]>([])
  const chosen = ref<string>()
  const proposal = computed(() => proposePlace(places.value, runs(), estimate()))
  const shown = computed(() => chosen.value ?? proposal.value.place ?? HERE)
  return {
    places,
    proposal,
    shown,
    isProposed: computed(() => chosen.value === undefined),
    place: computed(() => (shown.value === HERE ? undefined : shown.value)),
    choose: (name) => (chosen.value = name)
  }
}
