import { TASKS } from '@shared/tasks'
import { settingsOf } from '@shared/domain/settings'
import type { Setting } from '@shared/domain/settings'
import { inWindowWords } from '@shared/domain/window-words'
import type { AnyTask } from '@shared/tasks'
import type { Preset } from '@shared/tasks/task'

/** Settings that the form shows elsewhere. */
export const FEATURES_FIELD = 'features'

/** Every setting of a task but its data, in the window's words; a text with suggestions is chosen from them. */
export function formFields({ schema, roles }: AnyTask): Setting[] {
  const data = new Set<string>(['task', ...roles.map(({ field }) => field)])
  return settingsOf(schema)
    .filter(({ name }) => !data.has(name))
    .map(({ suggested, ...setting }) => ({
      ...setting,
      ...(suggested ? { kind: 'choice', choices: suggested } : {}),
      text: inWindowWords(setting.text)
    }))
}

/** Values that a preset gives, over nothing. */
export function presetValues(task: AnyTask['task'], name: string): Record<string, unknown> {
  return { ...TASKS[task].presets.find((preset) => preset.name === name)?.values }
}

/** Whether a preset's values stand as it gives them, whatever was set beside them. */
export function holdsPreset({ values }: Preset, settings: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(values).every(([name, value]) => settings[name] === value)
}

/** Whether nothing but the preset was set, and what stands among the data. */
export function isOfPreset(
  task: AnyTask['task'],
  name: string,
  settings: Readonly<Record<string, unknown>>
): boolean {
  const values = presetValues(task, name)
  const beside = new Set<string>([FEATURES_FIELD, ...TASKS[task].roles.map(({ field }) => field)])
  const set = Object.keys(settings).filter((field) => !beside.has(field))
  return set.length === Object.keys(values).length && set.every((field) => settings[field] === values[field])
}

/** Models that read an example as a row of numbers; the others look at pictures. */
const OF_ROWS: readonly unknown[] = ['logistic', 'mlp']

/** Whether data of this shape, as far as it is known, can be trained on as a preset says. */
export function isSuited({ values }: Preset, shape: readonly number[] | undefined): boolean {
  return shape?.length !== 1 || values['model'] === undefined || OF_ROWS.includes(values['model'])
}
