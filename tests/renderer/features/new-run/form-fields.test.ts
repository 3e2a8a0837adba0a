import { describe, expect, test } from 'vitest'
import { formFields, isSuited, presetValues } from '@renderer/features/new-run/form-fields'
import { fieldTitle } from '@shared/domain/field-titles'
import { TASKS } from '@shared/tasks'
import { SETTING_GROUPS } from '@shared/domain/settings'
import type { Setting } from '@shared/domain/settings'
import { MODELS, METHODS, taskSpec } from '@shared/domain/task-spec'
import { TASK_LIST } from '@shared/tasks'

const fieldsOf = (task: string): Setting[] => formFields(TASK_LIST.find((card) => card.task === task)!)
const field = (task: string, name: string): Setting | undefined =>
  fieldsOf(task).find((one) => one.name === name)

describe('the fields of a form', () => {
  test('there is a card for every task', () => {
    expect(TASK_LIST.map(({ task }) => task).sort()).toEqual(
      taskSpec.options.map(({ shape }) => shape.task.value).sort()
    )
  })

  test('each kind of setting gets the control of its kind', () => {
    expect(field('denoising', 'method')).toEqual({
      name: 'method',
      kind: 'choice',
      text: 'How the bilevel problem is solved.',
      choices: METHODS,
      fallback: 'penalty',
      group: 'Model'
    })
    expect(field('denoising', 'model')).toMatchObject({
      kind: 'choice',
      choices: MODELS,
      fallback: 'logistic'
    })
    expect(field('denoising', 'epochs')).toMatchObject({
      kind: 'integer',
      fallback: undefined,
      group: 'Schedule'
    })
    expect(field('denoising', 'heldBack')).toMatchObject({ kind: 'number', group: 'Task' })
    expect(field('denoising', 'momentsPerExample')).toMatchObject({ kind: 'switch', fallback: true })
    expect(field('denoising', 'labelColumn')).toMatchObject({ kind: 'text', group: 'Data' })
    expect(field('denoising', 'hiddenSizes')).toMatchObject({ kind: 'list', group: 'Model' })
    expect(field('denoising', 'gamma')).toMatchObject({ kind: 'number', group: 'Penalty method' })
    expect(field('denoising', 'seed')).toMatchObject({ kind: 'integer', fallback: 0, group: 'Machine' })
  })

  test('data are chosen elsewhere, and what only a file can hold is left out', () => {
    for (const name of ['task', 'train', 'trusted', 'test', 'corrections']) {
      expect(field('denoising', name)).toBeUndefined()
    }
    // Nothing is trusted in an attack; its own roles are.
    for (const name of ['train', 'validation', 'test']) expect(field('poisoning', name)).toBeUndefined()
  })

  test('few-shot learning has a network of its own', () => {
    expect(field('few-shot', 'model')).toMatchObject({ choices: ['conv4'], fallback: 'conv4' })
  })

  test.each(TASK_LIST.map(({ task }) => task))('every setting of %s is explained and in a group', (task) => {
    for (const { name, text, group, kind, choices } of fieldsOf(task)) {
      expect(text, name).toMatch(/^\S.*[.]$|^\S.*\)\.?$/)
      expect(SETTING_GROUPS).toContain(group)
      expect(kind === 'choice', name).toBe(choices !== undefined && choices.length > 0)
    }
    const names = fieldsOf(task).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test("the paper's symbols stand beside its numbers", () => {
    const symbols = fieldsOf('poisoning').flatMap(({ name, symbol }) => (symbol ? [[name, symbol]] : []))
    expect(Object.fromEntries(symbols)).toEqual({
      gamma: 'γ',
      lambda: 'λ',
      epsilon0: 'ε₀',
      nu: 'ν',
      cGamma: 'c_γ',
      cLambda: 'c_λ',
      cEpsilon: 'c_ε',
      lowerSteps: 'T',
      lrUpper: 'step size of u',
      lrLower: 'step size of v',
      epsilon: 'ε',
      epsilonL2: 'ε (L2)',
      beta: 'β'
    })
  })
})

test.each([
  ['batchSize', 'Batch size'],
  ['lrUpper', 'Learning rate, upper'],
  ['epsilon0', 'Epsilon 0'],
  ['epsilonL2', 'Epsilon L2'],
  ['headL2', 'Head L2'],
  ['l2', 'L2'],
  ['cGamma', 'C gamma'],
  ['seed', 'Seed']
])('%s is called "%s"', (name, title) => {
  expect(fieldTitle(name)).toBe(title)
})

describe('presets', () => {
  test.each(TASK_LIST.map((card) => [card.task, card] as const))(
    'those of %s fit its schema',
    (task, card) => {
      const data = Object.fromEntries(card.roles.map(({ field: role }) => [role, 'data']))
      for (const { name, values } of TASKS[task].presets) {
        expect(presetValues(task, name)).toEqual(values)
        expect(card.schema.strict().parse({ task, ...data, ...values })).toMatchObject(values)
      }
      // What a new run starts with.
      expect(TASKS[task].presets.map(({ name }) => name)).toContain('Balanced')
    }
  )

  test('a network for pictures is no preset of a table', () => {
    const suited = (shape: number[] | undefined): string[] =>
      TASKS.denoising.presets.filter((preset) => isSuited(preset, shape)).map(({ name }) => name)
    expect(suited([12])).toEqual(['Quick look', 'Balanced'])
    expect(suited([28, 28, 1])).toEqual(['Quick look', 'Balanced', 'Thorough'])
    expect(suited(undefined)).toEqual(['Quick look', 'Balanced', 'Thorough'])
  })

  test('changing a form does not change the preset', () => {
    presetValues('denoising', 'Quick look')['epochs'] = 1
    expect(presetValues('denoising', 'Quick look')).toEqual({
      model: 'logistic',
      epochs: 15
    })
    expect(presetValues('denoising', 'nothing')).toEqual({})
  })
})
