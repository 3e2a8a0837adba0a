// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import ImportAssistant from '@renderer/features/datasets/import-assistant.vue'
import SourceOptions from '@renderer/features/datasets/source-options.vue'
import { formFields } from '@renderer/features/new-run/form-fields'
import { fieldTitle } from '@shared/domain/field-titles'
import type { Inspection } from '@shared/domain/inspection'
import { readingOptions } from '@shared/domain/reading-options'
import { flagOf } from '@shared/domain/flags'
import { ASKED } from '@shared/domain/telling-examples'
import { COMMAND_WORDS, FLAG_WORDS } from '@shared/domain/window-words'
import { TASK_LIST } from '@shared/tasks'

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
  const varied = readFileSync(path.join(RENDERER, 'features/new-run/vary-fields.vue'), 'utf8')
  const datasetsPage = readFileSync(path.join(RENDERER, 'features/datasets/datasets-page.vue'), 'utf8')
  const labels = [
    ...TASK_LIST.flatMap((card) => [
      ...formFields(card).map(({ name }) => fieldTitle(name)),
      ...card.roles.flatMap(({ title, none }) => (none ? [title, none.label] : [title]))
    ]),
    ...labelsOf(ImportAssistant, { inspection: INSPECTION, choice }),
    ...labelsOf(SourceOptions, { choice }),
    ...(varied.includes('<h2>Vary</h2>') ? ['Vary'] : []),
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

test('every page, button, list and section that a command stands for exists', () => {
  const pages = readdirSync(path.join(RENDERER, 'features'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(vue|ts)$/.test(file))
    .map((file) => readFileSync(path.join(RENDERER, 'features', file), 'utf8'))
    .join('\n')
    .replaceAll('${ASKED}', String(ASKED))
  const named = Object.values(COMMAND_WORDS).flatMap((words) => words.split('"')[1] ?? [])
  const shown = (name: string): boolean =>
    [`title: '${name}'`, `text: \`${name}\``, `label="${name}"`, `<h2>${name}</h2>`].some((place) =>
      pages.includes(place)
    )
  expect(named.filter((name) => !shown(name))).toEqual([])
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

test('every choice of several is named by what is chosen there, not by what was chosen', () => {
  const files = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.vue')
  )
  const choices = files.flatMap((file) =>
    [...readFileSync(path.join(RENDERER, file), 'utf8').matchAll(/<Select\b(?:[^>"]|"[^"]*")*>/g)].map(
      // The field that finds in a long list has a name of its own.
      ([tag]) => ({
        file,
        isNamed:
          /\baria-label(ledby)?=/.test(tag) && !(/\sfilter\s/.test(tag) && !/filter-placeholder=/.test(tag))
      })
    )
  )
  expect(choices.length).toBeGreaterThan(10)
  expect(choices.filter(({ isNamed }) => !isNamed)).toEqual([])
})
