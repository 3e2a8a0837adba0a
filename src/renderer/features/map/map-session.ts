import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf, useFoundRuns, useSurveySession } from '@renderer/client'
import type { SurveySession } from '@renderer/client'
import { runLabel } from '@renderer/ui/run-labels'
import type { MapLayout } from '@shared/domain/finding'
import { hasJobEnded } from '@shared/domain/job'
import { decisionGroups, flagGroups, grouped, scoreGroups, weightGroups } from './map-colours'
import type { Colouring } from './map-colours'

type RunOnDataset = Awaited<ReturnType<typeof client.surveys.run>>

export interface ColourChoice {
  readonly name: string
  readonly value: string
}

export interface MapSession extends SurveySession {
  readonly layout: Ref<MapLayout>
  /** [x, y] a row; undefined until they are there. */
  readonly points: Readonly<ShallowRef<Float32Array | undefined>>
  readonly colourBy: Ref<string>
  readonly choices: ComputedRef<readonly ColourChoice[]>
  readonly colouring: ComputedRef<Colouring>
  /** What the chosen run says, where one is chosen. */
  readonly run: Readonly<ShallowRef<RunOnDataset | undefined>>
}

/** What a run lays over the map. */
const LAYERS = [
  { of: 'score', words: (run: string) => `Score of ${run}` },
  { of: 'flags', words: (run: string) => `Flags of ${run}` },
  { of: 'decisions', words: (run: string) => `Decisions on ${run}` },
  { of: 'weights', words: (run: string) => `Weight over ${run}` }
] as const
type Layer = (typeof LAYERS)[number]['of']

/** The layer and the run of a choice; undefined for what needs no run. */
function layerOf(choice: string): [Layer | undefined, string | undefined] {
  const [of, id] = choice.split(' ')
  return [LAYERS.find((layer) => layer.of === of)?.of, id]
}

/** Colours by what a run says; all points are faint until it is there. */
function layerColouring(
  layer: Layer,
  run: RunOnDataset | undefined,
  weights: readonly (number | null)[]
): Colouring {
  const { flagged = [], scores = [], decided = [] } = run ?? {}
  if (layer === 'flags') return flagGroups(flagged, scores)
  if (layer === 'decisions') return decisionGroups(decided)
  return layer === 'weights' ? weightGroups(weights) : scoreGroups(scores)
}

/** The map of a dataset: places, and what they may be coloured by. */
export function useMapSession(dataset: string): MapSession {
  const session = useSurveySession(dataset)
  const runs = useFoundRuns(dataset)
  const layout = ref<MapLayout>('pca')
  const points = shallowRef<Float32Array>()
  const colourBy = ref('class')
  const run = shallowRef<RunOnDataset>()
  const weights = shallowRef<readonly (number | null)[]>([])

  const choices = computed(() => [
    { name: 'Class', value: 'class' },
    ...((session.meta.value?.splits.length ?? 0) > 1 ? [{ name: 'Split', value: 'split' }] : []),
    { name: 'Problems', value: 'findings' },
    { name: 'Left out or kept', value: 'decision' },
    ...LAYERS.flatMap(({ of, words }) =>
      runs.value.map((each) => ({ name: words(runLabel(each, runs.value)), value: `${of} ${each.id}` }))
    )
  ])

  const colouring = computed((): Colouring => {
    const { meta, labels, survey, decisions } = session
    const { classNames = [], splits = [] } = meta.value ?? {}
    if (colourBy.value === 'split')
      return grouped(
        splits.map(({ name }) => name),
        (row) => splits.findIndex(({ from, to }) => row >= from && row < to)
      )
    if (colourBy.value === 'findings') {
      const found = new Set(survey.value?.findings.flatMap(({ rows }) => rows))
      return grouped(['a problem'], (row) => (found.has(row) ? 0 : -1), ['#e0662b'])
    }
    if (colourBy.value === 'decision') {
      const groupOf = (row: number): number =>
        ['drop', 'keep'].indexOf(decisions.value.get(row)?.action ?? '')
      return grouped(['left out', 'kept'], groupOf, ['#e0662b', '#0f9d8a'])
    }
    const [layer] = layerOf(colourBy.value)
    if (layer) return layerColouring(layer, run.value, weights.value)
    const given = labels.value?.given ?? []
    return grouped(classNames, (row) => given[row] ?? -1)
  })

  usePlaces(dataset, session, layout, points)
  watch(colourBy, async (by) => {
    const [layer, id] = layerOf(by)
    if (layer === undefined || id === undefined) return
    run.value = undefined
    weights.value = []
    try {
      const of = { dataset, run: id }
      if (layer === 'weights') {
        const changes = await client.surveys.weightChanges(of)
        if (colourBy.value === by) weights.value = changes
      } else {
        const said = await client.surveys.run(of)
        // Where another choice has been made meanwhile, its own answer comes.
        if (colourBy.value === by) run.value = said
      }
    } catch (error) {
      session.failure.value = failureOf(error)
    }
  })

  return { ...session, layout, points, colourBy, choices, colouring, run }
}

/** Places of the layout that is asked for, laid out first where they are not. */
function usePlaces(
  dataset: string,
  session: SurveySession,
  layout: Ref<MapLayout>,
  points: ShallowRef<Float32Array | undefined>
): void {
  async function place(): Promise<void> {
    try {
      const found = await client.surveys.map({ dataset, layout: layout.value })
      if (found) points.value = new Float32Array(await found.arrayBuffer())
      else await session.start(layout.value)
    } catch (error) {
      session.failure.value = failureOf(error)
    }
  }
  watch([session.survey, layout], ([survey]) => {
    if (survey) void place()
  })
  watch(
    () => session.job.value && hasJobEnded(session.job.value),
    (ended) => {
      if (ended && session.job.value?.state === 'done' && session.survey.value) void place()
      else if (ended) layout.value = 'pca'
    }
  )
}
