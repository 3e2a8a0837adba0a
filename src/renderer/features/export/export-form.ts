import { computed, onMounted, ref, shallowRef, watch } from 'vue'
import { useRoute } from 'vue-router'
import * as z from 'zod'
import { client, failureOf, keep, kept } from '@renderer/client'
import { undecidedPolicy } from '@shared/contract/reviews'
import type { UndecidedPolicy } from '@shared/contract'
import { datasetFormat } from '@shared/domain/dataset'
import type { DatasetFormat } from '@shared/domain/dataset'
import type { FailureData } from '@shared/domain/failure'
import { counted } from '@shared/words/numbers'
import { proposeFolder } from './export-target'

/** What an export page is about: one of the two. */
export interface ExportSubject {
  readonly run?: string | undefined
  readonly dataset?: string | undefined
}

interface Subject {
  readonly name: string
  /** Of a dataset; what a run leaves depends on what was decided. */
  readonly count: number | null
  readonly poisoned: boolean
}

/** Choices outlive the page; the folder only where it was typed, since a proposal may be taken by then. */
const keptChoices = z.object({
  format: datasetFormat.optional(),
  policy: undecidedPolicy,
  withoutPoisons: z.boolean(),
  out: z.string().optional()
})

/** What is written, in which format and where: with its proposals, and as it was left when the page was last seen. */
export function useExportForm(props: ExportSubject) {
  const { query } = useRoute()
  const name = `export ${props.run ?? props.dataset}`
  const earlier = kept(name, keptChoices)
  const subject = shallowRef<Subject>()
  const formats = shallowRef<{ format: DatasetFormat; text: string; proposed: boolean }[]>([])
  const format = ref<DatasetFormat>()
  const policy = ref<UndecidedPolicy>(earlier?.policy ?? 'drop')
  const preview = shallowRef<Awaited<ReturnType<typeof client.exports.preview>>>()
  const out = ref('')
  /** Of a poisoned dataset: undo the attack. */
  const withoutPoisons = ref(earlier?.withoutPoisons ?? false)
  /** Only examples that a question asks for; empty: all. */
  const where = ref(String(query['where'] ?? ''))
  const loadFailure = shallowRef<FailureData>()
  const target = { run: props.run ?? null, dataset: props.dataset ?? null }

  /** The folder as it was proposed. */
  const proposed = ref('')
  /** The name of what is written. */
  const wanted = computed(() => `${subject.value?.name ?? ''}${props.run ? ' cleaned' : ' copy'}`)

  async function proposeOut(): Promise<void> {
    proposed.value = await proposeFolder(await client.system.info(), wanted.value)
    out.value = proposed.value
  }

  async function load(): Promise<void> {
    loadFailure.value = undefined
    try {
      subject.value = await subjectOf(props)
      // The form comes with its proposals: one that came later would write over what was typed meanwhile.
      const [offers] = await Promise.all([client.exports.formats(target), proposeOut()])
      formats.value = offers
      format.value = (offers.find((offer) => offer.format === earlier?.format) ?? offers[0])?.format
      if (earlier?.out) out.value = earlier.out
      await showPreview()
    } catch (error) {
      loadFailure.value = failureOf(error)
    }
  }

  /** What is written, whatever the format and the folder. */
  const choices = computed(() => ({
    ...target,
    undecided: policy.value,
    withoutPoisons: subject.value?.poisoned === true && withoutPoisons.value,
    where: where.value || null
  }))

  async function showPreview(): Promise<void> {
    try {
      preview.value = await client.exports.preview(choices.value)
    } catch (error) {
      loadFailure.value = failureOf(error)
    }
  }

  const poisonWords = computed(() =>
    poisonsWritten(subject.value?.poisoned ?? false, withoutPoisons.value, preview.value?.poisons)
  )

  /** The form comes with its proposals, as at first. */
  async function renew(): Promise<void> {
    await Promise.all([showPreview(), proposeOut()])
  }

  watch([format, policy, withoutPoisons, out], () =>
    keep(name, {
      format: format.value,
      policy: policy.value,
      withoutPoisons: withoutPoisons.value,
      ...(out.value === proposed.value ? {} : { out: out.value })
    })
  )
  watch([policy, withoutPoisons, where], showPreview)
  onMounted(load)

  return {
    subject,
    target,
    formats,
    format,
    policy,
    preview,
    out,
    withoutPoisons,
    where,
    wanted,
    choices,
    loadFailure,
    poisonWords,
    renew,
    /** The folder that was written to is taken: it is none that somebody typed. */
    takeFolder: () => void (out.value = proposed.value)
  }
}

async function subjectOf({ run, dataset }: ExportSubject): Promise<Subject> {
  if (run) {
    const { record } = await client.runs.get({ run })
    return { name: record.name, count: null, poisoned: false }
  }
  const { meta } = await client.datasets.get({ dataset: dataset! })
  return { name: meta.name, count: meta.count, poisoned: meta.poisoned }
}

/**
 * What of an attack would be written; undefined where nothing would.
 * @param poisons in what a run leaves: null where nothing says which examples are
 */
function poisonsWritten(
  isPoisoned: boolean,
  areLeftOut: boolean,
  poisons: number | null | undefined
): string | undefined {
  const marked = 'Its manifest.json will say so wherever it goes.'
  if (isPoisoned) {
    return areLeftOut
      ? 'The dataset is; the copy will be without the examples that its manifest names.'
      : `The copy will be as poisoned as the dataset is. ${marked}`
  }
  if (poisons === undefined || poisons === 0) return undefined
  return poisons === null
    ? `The run's data are poisoned, and nothing says which examples are: the copy may hold poisons. ${marked}`
    : `The copy would still hold ${counted(poisons, 'poison')}, by the manifest of the run's data. ${marked}`
}
