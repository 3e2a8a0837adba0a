import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf } from '@renderer/client'
import type { Preflight } from '@shared/domain/estimate'
import { fieldTitle } from '@shared/domain/field-titles'
import type { FailureData } from '@shared/domain/failure'
import type { Method } from '@shared/domain/method'
import type { DenoisingSpec, TaskName, TaskSpec } from '@shared/domain/task-spec'
import { FEATURES_FIELD, presetValues } from './form-fields'
import { TASK_LIST } from '@shared/tasks'
import type { AnyTask } from '@shared/tasks'

/** Milliseconds without a change before a draft is checked. */
const CHECK_AFTER = 500

export interface RunDraft {
  readonly card: ComputedRef<AnyTask>
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
  start(methods?: readonly Method[], place?: string): Promise<string[]>
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
  const chosen = shallowRef<{ task: TaskName; preset: string }>({ task: 'denoising', preset: 'Balanced' })
  const named = ref<Record<string, string>>({})
  const settings = ref<Record<string, unknown>>(presetValues('denoising', 'Balanced'))
  const choose = (task: TaskName, preset: string): void => {
    const ofTheData = task === chosen.value.task ? settingsOfTheData(settings.value) : {}
    chosen.value = { task, preset }
    settings.value = { ...presetValues(task, preset), ...ofTheData }
  }
  /** Choosing a task chooses its preset, and a preset its settings. */
  const task = computed({
    get: () => chosen.value.task,
    set: (name) => {
      if (name !== chosen.value.task) choose(name, 'Balanced')
    }
  })
  const preset = computed({ get: () => chosen.value.preset, set: (name) => choose(task.value, name) })
  const data = computed({
    get: () => named.value,
    set: (now) => {
      settings.value = settledFor(settings.value, now, named.value)
      named.value = now
    }
  })
  const card = computed(() => TASK_LIST.find((entry) => entry.task === task.value)!)
  const { spec, complaint } = useSpec(card, data, settings)
  const checks = usePreflight(spec)
  return {
    card,
    task,
    preset,
    data,
    settings,
    spec,
    complaint,
    ...checks,
    setField(name, value) {
      const { [name]: old, ...rest } = settings.value
      // A field that is only passed through reports its value too; that is no reason to check again.
      if (JSON.stringify(old) === JSON.stringify(value)) return
      settings.value = value === undefined ? rest : { ...rest, [name]: value }
    },
    adopt({ task: adopted, ...fields }) {
      task.value = adopted
      const roles = new Set<string>(TASK_LIST.flatMap(({ roles }) => roles.map(({ field }) => field)))
      const entries = Object.entries(fields)
      const isNamed = ([name, value]: [string, unknown]): boolean => roles.has(name) && value !== false
      data.value = Object.fromEntries(entries.filter(isNamed).map(([name, value]) => [name, String(value)]))
      settings.value = Object.fromEntries(entries.filter((entry) => !isNamed(entry)))
    },
    start: (methods, place) => start(spec.value, card.value, { methods, place }, checks.failure)
  }
}

/** Settings that stand among the data, and that no preset changes: roles that are turned off, and the features. */
function settingsOfTheData(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const roles = TASK_LIST.flatMap(({ roles }) => roles.map(({ field }) => field))
  const off = roles.filter((field) => settings[field] === false).map((field) => [field, false])
  return withoutAbsent({ ...Object.fromEntries(off), [FEATURES_FIELD]: settings[FEATURES_FIELD] })
}

/** The settings that still hold for other data: what was settled of data holds for these data only. */
function settledFor(
  settings: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>
): Record<string, unknown> {
  const { pins = [], corrections, dropped, startFrom, ...rest } = settings as Settled
  const changed = Object.keys({ ...now, ...before }).filter((field) => now[field] !== before[field])
  if (changed.length === 0) return settings
  const kept = pins.filter(({ file, source }) => file !== undefined || isNamed(now, source))
  const reviewed = changed.includes('train') ? {} : { corrections, dropped, startFrom }
  return withoutAbsent({ ...rest, ...reviewed, pins: kept.length > 0 ? kept : undefined })
}

/** The draft as a spec, or what keeps it from being one. */
function useSpec(
  card: ComputedRef<AnyTask>,
  data: Ref<Record<string, string>>,
  settings: Ref<Record<string, unknown>>
): Pick<RunDraft, 'spec' | 'complaint'> {
  const parsed = computed(() => {
    const { roles, schema, task } = card.value
    const given = roles.flatMap(({ field }) => {
      if (settings.value[field] === false) return []
      const reference = data.value[field]?.trim()
      return reference ? [[field, reference]] : []
    })
    return schema.safeParse({ ...settings.value, ...Object.fromEntries(given), task })
  })
  const missing = computed(() =>
    card.value.roles.find(
      ({ field, needed, none }) =>
        needed && !data.value[field]?.trim() && !(none && settings.value[field] === false)
    )
  )
  const spec = computed(() =>
    parsed.value.success && !missing.value ? (parsed.value.data as unknown as TaskSpec) : undefined
  )
  const complaint = computed(() => {
    if (missing.value) return `Choose the ${missing.value.title.toLowerCase()}.`
    const issue = parsed.value.error?.issues[0]
    return issue && `${fieldTitle(String(issue.path[0]))}: ${issue.message}`
  })
  return { spec, complaint }
}

/** What a run of the spec would meet, asked for once it rests. */
function usePreflight(
  spec: ComputedRef<TaskSpec | undefined>
): Pick<RunDraft, 'preflight' | 'checking' | 'failure'> {
  const preflight = shallowRef<Preflight>()
  const checking = ref(false)
  const failure = shallowRef<FailureData>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined
  watch(spec, (next) => {
    clearTimeout(timer)
    asking?.abort()
    preflight.value = undefined
    failure.value = undefined
    checking.value = next !== undefined
    if (next) timer = setTimeout(() => void check(next), CHECK_AFTER)
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
  return { preflight, checking, failure }
}

async function start(
  spec: TaskSpec | undefined,
  { title }: AnyTask,
  { methods, place }: { methods?: readonly Method[] | undefined; place?: string | undefined },
  failure: ShallowRef<FailureData | undefined>
): Promise<string[]> {
  failure.value = undefined
  if (!spec) return []
  try {
    if (!methods) return [(await client.runs.create({ spec, ...(place ? { place } : {}) })).id]
    const lanes = methods.map((method) => ({ method, name: `${title}: ${method}` }))
    return (await client.runs.race({ spec, lanes, ...(place ? { place } : {}) })).map(({ id }) => id)
  } catch (error) {
    failure.value = failureOf(error)
    return []
  }
}
