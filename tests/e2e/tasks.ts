import { existsSync } from 'node:fs'
import path from 'node:path'
import { METHODS } from '@shared/domain/method'
import { expect } from 'vitest'
import { isComplete } from '../support/complete'
import { fillIn, set } from './run-form'
import { WORK, describeScene } from './scene'
import type { Step } from './scene'
import type { Launch } from './window'

const OMNIGLOT = path.resolve(
  process.env['BILEVEL_TEST_DATA'] ?? '../shared/data',
  'omniglot/images_background_small1.zip'
)

function stepPoisoning(step: Step): void {
  step('poisoning: what it does to victims, the poisons one by one', async (person) => {
    await fillIn(person, /^Test robustness/, /^Quick look/, {
      'Training data': 'sample-digits#train[0:150]',
      'Validation data': 'sample-digits#train[150:300]',
      'Test data': 'sample-digits#test[0:100]'
    })
    await set(person, { 'Upper steps': 6, Backend: /^wasm/ })
    await person.press('Start')
    await person.region('Result').waitFor({ timeout: WORK })
    await person.look('poisoning-result')
    expect(await person.region('Result').innerText()).toMatch(/label flip/i)
  })
}

/** Every other task from its card to its result, small, and a race of the methods. Training is real. */
export function describeTasks(where: string, launch: Launch): void {
  describeScene(`Every task in ${where}`, launch, (step) => {
    stepPoisoning(step)
    stepKnownProblems(step)
    stepRegularisation(step)
    stepFewExamplesAndRace(step)
  })
}

function stepKnownProblems(step: Step): void {
  step('known problems: where each method gets', async (person) => {
    await fillIn(person, /^Compare the methods/, /^Quick look/, {})
    await set(person, { Problem: /^sum$/, Trials: 2, 'Upper steps': 12, Backend: /^wasm/ })
    await person.press('Start')
    await person.region('Result').waitFor({ timeout: WORK })
    await person.look('synthetic-result')
  })
}

function stepRegularisation(step: Step): void {
  step('regularisation: strengths, beside a grid search', async (person) => {
    await fillIn(person, /^Tune regularisation/, undefined, {
      'Training data': 'sample-digits#train[0:60]',
      'Validation data': 'sample-digits#train[150:210]',
      'Test data': 'sample-digits#test[0:100]'
    })
    await set(person, { 'Upper steps': 4 })
    await person.press('Start')
    await person.region('Result').waitFor({ timeout: WORK })
    await person.look('hyperparameters-result')
  })
}

function stepFewExamplesAndRace(step: Step): void {
  step('few examples: tasks of classes never seen', async (person, window) => {
    if (!existsSync(OMNIGLOT) || !window.reads(OMNIGLOT)) {
      console.warn(`skipped: there is no ${OMNIGLOT} (set BILEVEL_TEST_DATA)`)
      return
    }
    await fillIn(person, /^Learn from few/, undefined, {
      'Training data': `${OMNIGLOT}[0:100]`,
      'Test data': `${OMNIGLOT}[1400:1500]`
    })
    await set(person, {
      'Upper steps': 2,
      'Pretrain epochs': 1,
      'Test tasks': 2,
      'Meta batch': 1,
      Filters: 4
    })
    await person.press('Start')
    await person.region('Result').waitFor({ timeout: WORK })
    await person.look('few-shot-result')
  })

  step('the sample, for what follows', async (person) => {
    await person.press('Datasets', 'link')
    await person.press('Try the sample digits')
    await person.heading('digits-with-wrong-labels').waitFor()
  })

  step('a race: the same run by every method, side by side', async (person) => {
    await fillIn(person, /^Find wrong labels/, undefined, {
      'Training data': 'digits-with-wrong-labels#train[0:100]',
      'Trusted examples': 'digits-with-wrong-labels#checked[0:60]',
      'Test data': 'digits-with-wrong-labels#test[0:100]'
    })
    // As many trainings as methods, one after another: how they end is tested elsewhere, here it is the race that is looked at.
    // The last step: those that are still to come are not waited for.
    await set(person, { Epochs: 1, Model: /^logistic/, 'Cross validation': 2 })
    await person.press(/^Race/)
    await person.heading('Race of the methods').waitFor()
    await expect
      .poll(() => person.page.locator('tbody tr .p-tag', { hasText: /^done$/ }).count(), { timeout: WORK })
      .toBeGreaterThanOrEqual(isComplete ? METHODS.length : 2)
    await person.look('race')
    const ids = new URL(person.page.url().replace('#', '')).searchParams.get('ids')!.split(',')
    expect(ids).toHaveLength(METHODS.length)
    await person.press('All settings and numbers')
    await person.heading('Compare runs').waitFor()
    await person.look('compare')
  })
}
