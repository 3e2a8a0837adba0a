import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf, useRunRecords, useSurveySession } from '@renderer/client'
import type { SurveySession } from '@renderer/client'
import type { MapLayout } from '@shared/domain/finding'
import { hasJobEnded } from '@shared/domain/job'
import { groupColours, scoreGroups } from './map-colours'
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

/** The map of a dataset: places, and what they may be coloured by. */
export function useMapSession(dataset: string): MapSession {
  const session = useSurveySession(dataset)
  const records = useRunRecords()
  const layout = ref<MapLayout>('pca')
  const points = shallowRef<Float32Array>()
  const colourBy = ref('class')
  const run = shallowRef<RunOnDataset>()

  const runs = computed(() =>
    (records.value ?? []).filter(
      ({ state, spec }) =>
        state === 'done' &&
        spec.task === 'denoising' &&
        (spec.pins ?? []).some((pin) => pin.dataset === session.meta.value?.id)
    )
  )
  const choices = computed(() => [
    { name: 'Class', value: 'class' },
    ...((session.meta.value?.splits.length ?? 0) > 1 ? [{ name: 'Split', value: 'split' }] : []),
    { name: 'Problems', value: 'findings' },
    { name: 'Left out or kept', value: 'decision' },
    ...runs.value.map(({ id, name }) => ({ name: `Score of ${name}`, value: id })),
    ...runs.value.map(({ id, name }) => ({ name: `Flags of ${name}`, value: `flags ${id}` }))
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
    if (colourBy.value.startsWith('flags ')) {
      const flagged = new Set(run.value?.flagged)
      const groupOf = (row: number): number =>
        flagged.has(row) ? 0 : run.value?.scores[row] === null ? -1 : 1
      return grouped(['flagged', 'not flagged'], groupOf, ['#e0662b', '#4f6bed'])
    }
    if (colourBy.value !== 'class') return scoreGroups(run.value?.scores ?? [])
    const given = labels.value?.given ?? []
    return grouped(classNames, (row) => given[row] ?? -1)
  })

  usePlaces(dataset, session, layout, points)
  watch(colourBy, async (by) => {
    const id = by.replace(/^flags /, '')
    if (!runs.value.some((record) => record.id === id)) return
    run.value = undefined
    try {
      run.value = await client.surveys.run({ dataset, run: id })
    } catch (error) {
      session.failure.value = failureOf(error)
    }
  })

  return { ...session, layout, points, colourBy, choices, colouring, run }
}

function grouped(
  groups: readonly string[],
  groupOf: (row: number) => number,
  colours: readonly string[] = groupColours(groups.length)
): Colouring {
  return { groups, colours, groupOf }
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
