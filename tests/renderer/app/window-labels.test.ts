// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import ImportAssistant from '@renderer/features/datasets/import-assistant.vue'
import SourceOptions from '@renderer/features/datasets/source-options.vue'
import { formFields } from '@renderer/features/new-run/form-fields'
import { TASK_CARDS } from '@renderer/features/new-run/tasks'
import { fieldTitle } from '@shared/domain/field-titles'
import type { Inspection } from '@shared/domain/inspection'
import { readingOptions } from '@shared/domain/reading-options'
import { flagOf } from '@shared/domain/flags'
import { COMMAND_WORDS, FLAG_WORDS } from '@shared/domain/window-words'

const RENDERER = path.resolve(import.meta.dirname, '../../../src/renderer')

const INSPECTION: Inspection = {
  format: 'table',
  reason: 'a table',
  count: 2,
  countIsEstimate: false,
  dtype: 'float32',
  classNames: ['a', 'b'],
  splits: [],
  columns: ['width', 'species'],
  labelColumnCandidates: ['species'],
  hasTruth: false,
  poisoned: false,
  sampleImages: [],
  missing: [],
  warnings: [],
  bytes: 100
}

/** Fields that only a spec file can hold; no sentence asks for them. */
const FILE_ONLY = ['corrections', 'pins'].map(fieldTitle)

function labelsOf(component: Parameters<typeof mount>[0], props: Record<string, unknown>): string[] {
  const page = mount(component, { props, global: { plugins: [PrimeVue] } })
  return page.findAll('label').map((label) => label.text())
}

test('every option that a sentence can name has a field with that label', () => {
  const choice = { source: '/data/a.csv' }
  const exportPage = readFileSync(path.join(RENDERER, 'features/export/export-page.vue'), 'utf8')
  const datasetsPage = readFileSync(path.join(RENDERER, 'features/datasets/datasets-page.vue'), 'utf8')
  const labels = [
    ...TASK_CARDS.flatMap((card) => [
      ...formFields(card).map(({ name }) => fieldTitle(name)),
      ...card.roles.flatMap(({ title, none }) => (none ? [title, none.label] : [title]))
    ]),
    ...labelsOf(ImportAssistant, { inspection: INSPECTION, choice }),
    ...labelsOf(SourceOptions, { choice }),
    ...(datasetsPage.includes('label="Remove all the same"') ? ['Remove all the same'] : []),
    ...(/<label for="without-poisons">\s*Leave them out/.test(exportPage) ? ['Leave them out'] : [])
  ]
  const named = Object.values(FLAG_WORDS).map((words) => words.split('"')[1])
  expect(named.filter((label) => !labels.includes(label!) && !FILE_ONLY.includes(label!))).toEqual([])
})

test('options of an import are on its page whether the source could be read or not', () => {
  const labels = labelsOf(SourceOptions, { choice: { source: '/data/a.csv' } })
  for (const option of [...Object.keys(readingOptions.shape), 'truth']) {
    expect(labels).toContain(FLAG_WORDS[`--${flagOf(option)}`]!.replaceAll('"', ''))
  }
})

test('every page and button that a command stands for exists', () => {
  const routes = ['bin', 'datasets', 'new-run', 'runs', 'system'].map((feature) =>
    readFileSync(path.join(RENDERER, 'features', feature, 'routes.ts'), 'utf8')
  )
  const pages = [
    ...routes,
    ...[
      'features/bin/bin-page.vue',
      'features/runs/run-page.vue',
      'features/datasets/browse-page.vue',
      'features/datasets/datasets-page.vue',
      'features/system/extractors-section.vue'
    ].map((file) => readFileSync(path.join(RENDERER, file), 'utf8'))
  ].join('\n')
  const named = Object.values(COMMAND_WORDS).flatMap((words) => words.split('"')[1] ?? [])
  expect(
    named.filter((name) => !pages.includes(`title: '${name}'`) && !pages.includes(`label="${name}"`))
  ).toEqual([])
})

test('a lookup shows an upload by its own name', () => {
  const source = '/ws/uploads/0a1b2c3d-0000-4000-8000-1234567890ab/my photos.zip'
  const page = mount(ImportAssistant, {
    props: { inspection: INSPECTION, choice: { source } },
    global: { plugins: [PrimeVue] }
  })
  expect(page.text()).toContain('my photos.zip')
  expect(page.text()).not.toContain('uploads')
})
