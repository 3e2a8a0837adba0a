import { computed, nextTick, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf } from '@renderer/client'
import type { Preflight } from '@shared/domain/estimate'
import { fieldTitle } from '@shared/domain/field-titles'
import type { FailureData } from '@shared/domain/failure'
import type { METHODS } from '@shared/domain/task-spec'
import type { DenoisingSpec, TaskName, TaskSpec } from '@shared/domain/task-spec'
import { presetValues } from './form-fields'
import { TASK_CARDS } from './tasks'
import type { TaskCard } from './tasks'

/** Milliseconds without a change before a draft is checked. */
const CHECK_AFTER = 500

export interface RunDraft {
  readonly card: ComputedRef<TaskCard>
  readonly task: Ref<TaskName>
  readonly preset: Ref<string>
  /** References by role. */
  readonly data: Ref<Record<string, string>>
  /** Settings that differ from the defaults. */
  readonly settings: Ref<Record<string, unknown>>
  /** The draft as a spec; undefined while something needed is missing or wrong. */
  readonly spec: ComputedRef<TaskSpec | undefined>
  /** What is wrong with it, in a sentence. */
  readonly complaint: ComputedRef<string | undefined>
  readonly preflight: ShallowRef<Preflight | undefined>
  readonly checking: Ref<boolean>
  readonly failure: ShallowRef<FailureData | undefined>
  setField(name: string, value: unknown): void
  /** Take over an existing spec, e.g. to clone a run. */
  adopt(spec: TaskSpec): void
  /** @returns ids of the runs queued: one, or one a method */
  start(methods?: readonly (typeof METHODS)[number][]): Promise<string[]>
}

type Settled = Partial<Pick<DenoisingSpec, 'pins' | 'corrections' | 'dropped' | 'startFrom'>> &
  Record<string, unknown>

/** Whether a reference of the data names a source. */
function isNamed(data: Readonly<Record<string, string>>, source: string): boolean {
  return Object.values(data).some((reference) => {
    const parts = reference.split('+').map((part) => part.trim().replace(/\[[^\]]*\]$/, ''))
    return (
      reference === source || parts.some((part) => part === source || part.replace(/#[^#]*$/, '') === source)
    )
  })
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** A run being put together: its task, data and settings, checked whenever they rest. */
export function useRunDraft(): RunDraft {
  const task = ref<TaskName>('denoising')
  const preset = ref('Balanced')
  const data = ref<Record<string, string>>({})
  const settings = ref<Record<string, unknown>>(presetValues('denoising', 'Balanced'))
  const preflight = shallowRef<Preflight>()
  const checking = ref(false)
  const failure = shallowRef<FailureData>()
  const card = computed(() => TASK_CARDS.find((entry) => entry.task === task.value)!)

  const parsed = computed(() => {
    const given = card.value.roles.flatMap(({ field }) => {
      const reference = data.value[field]?.trim()
      return reference ? [[field, reference]] : []
    })
    return card.value.schema.safeParse({
      ...settings.value,
      ...Object.fromEntries(given),
      task: task.value
    })
  })
  const missing = computed(() =>
    card.value.roles.find(({ field, needed }) => needed && !data.value[field]?.trim())
  )
  const spec = computed(() =>
    parsed.value.success && !missing.value ? (parsed.value.data as unknown as TaskSpec) : undefined
  )
  const complaint = computed(() => {
    if (missing.value) return `Choose the ${missing.value.title.toLowerCase()}.`
    const issue = parsed.value.error?.issues[0]
    return issue && `${fieldTitle(String(issue.path[0]))}: ${issue.message}`
  })

  watch(preset, (name) => {
    settings.value = presetValues(task.value, name)
  })
  watch(task, (name) => {
    preset.value = 'Balanced'
    settings.value = presetValues(name, 'Balanced')
  })

  // What was settled of data holds for these data only.
  watch(data, (now, before) => {
    const { pins = [], corrections, dropped, startFrom, ...rest } = settings.value as Settled
    const changed = Object.keys({ ...now, ...before }).filter((field) => now[field] !== before[field])
    if (changed.length === 0) return
    const kept = pins.filter(({ file, source }) => file !== undefined || isNamed(now, source))
    const reviewed = changed.includes('train') ? {} : { corrections, dropped, startFrom }
    settings.value = withoutAbsent({ ...rest, ...reviewed, pins: kept.length > 0 ? kept : undefined })
  })

  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined
  watch(spec, (next) => {
    clearTimeout(timer)
    asking?.abort()
    preflight.value = undefined
    failure.value = undefined
    checking.value = false
    if (!next) return
    checking.value = true
    timer = setTimeout(() => void check(next), CHECK_AFTER)
  })

  async function check(checked: TaskSpec): Promise<void> {
    const control = (asking = new AbortController())
    try {
      const answer = await client.runs.check({ spec: checked }, { signal: control.signal })
      if (!control.signal.aborted) preflight.value = answer
    } catch (error) {
      if (!control.signal.aborted) failure.value = failureOf(error)
    } finally {
      if (!control.signal.aborted) checking.value = false
    }
  }

  return {
    card,
    task,
    preset,
    data,
    settings,
    spec,
    complaint,
    preflight,
    checking,
    failure,
    setField(name, value) {
      const { [name]: old, ...rest } = settings.value
      // A field that is only passed through reports its value too; that is no reason to check anew.
      if (JSON.stringify(old) === JSON.stringify(value)) return
      settings.value = value === undefined ? rest : { ...rest, [name]: value }
    },
    adopt(existing) {
      task.value = existing.task
      const roles = new Set<string>(TASK_CARDS.flatMap(({ roles }) => roles.map(({ field }) => field)))
      const entries = Object.entries(existing).filter(([name]) => name !== 'task')
      // After the watcher of the task has put its presets in.
      queueMicrotask(() =>
        setTimeout(() => {
          data.value = Object.fromEntries(
            entries.filter(([name]) => roles.has(name)).map(([name, value]) => [name, String(value)])
          )
          // After the watcher of the data.
          void nextTick(() => {
            settings.value = Object.fromEntries(entries.filter(([name]) => !roles.has(name)))
          })
        })
      )
    },
    async start(methods) {
      failure.value = undefined
      const wanted = spec.value
      if (!wanted) return []
      try {
        if (!methods) return [(await client.runs.create({ spec: wanted })).id]
        const lanes = methods.map((method) => ({ method, name: `${card.value.title}: ${method}` }))
        return (await client.runs.race({ spec: wanted, lanes })).map(({ id }) => id)
      } catch (error) {
        failure.value = failureOf(error)
        return []
      }
    }
  }
}
