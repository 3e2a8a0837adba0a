// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { beforeEach, expect, test, vi } from 'vitest'
import LineChart from '@renderer/charts/line-chart.vue'
import DamageCurve from '@renderer/features/runs/damage-curve.vue'
import DenoisingResult from '@renderer/features/runs/denoising-result.vue'
import FewShotResult from '@renderer/features/runs/few-shot-result.vue'
import HyperparametersResult from '@renderer/features/runs/hyperparameters-result.vue'
import { leftOutWords } from '@renderer/features/runs/chart-groups'
import { RunHistory } from '@renderer/features/runs/run-history'
import { measuredNumbers, shareGroups } from '@renderer/features/runs/measured-numbers'

// What a run did not measure is not drawn, and the page says why: on each page of a run.

const drawn = vi.hoisted(() => ({ options: [] as { description: string; option: unknown }[] }))

vi.mock('@renderer/charts/chart-canvas.vue', async () => {
  const { defineComponent, h } = await import('vue')
  return {
    default: defineComponent({
      props: { option: { type: Object, required: true }, description: { type: String, required: true } },
      setup(props) {
        drawn.options.push({ description: props.description, option: props.option })
        return () => h('div')
      }
    })
  }
})
vi.mock('@shared/tasks', async () => ({
  ...(await vi.importActual('@shared/tasks')),
  resultSentences: () => []
}))
vi.mock('@shared/tasks/denoising', async () => ({
  denoising: { sentences: () => ['', ''] },
  flagWords: () => ''
}))
vi.mock('@renderer/client', () => ({
  client: { runs: { file: () => Promise.reject(new Error('there is no such file')) } }
}))

beforeEach(() => (drawn.options = []))

/** A page with a report of which only that stands there which the page reads. */
async function shown(component: Parameters<typeof mount>[0], props: object): Promise<string> {
  const page = mount(component, { props: props as Record<string, unknown>, global: { plugins: [PrimeVue] } })
  await flushPromises()
  return page.text()
}
const descriptions = (): string => drawn.options.map(({ description }) => description).join('\n')

test('a line without points is no chart but a sentence', async () => {
  const chart = { xName: 'step', dark: false, title: 'Losses' }
  const series = [{ name: 'f', points: [] }]
  expect(await shown(LineChart, { ...chart, series })).toBe('Nothing of this was measured.')
  expect(await shown(LineChart, { ...chart, series, missing: 'The run took no step.' })).toBe(
    'The run took no step.'
  )
  expect(drawn.options).toEqual([])
  const points = [
    [1, 0.1951],
    [2, 0.1949]
  ]
  expect(await shown(LineChart, { ...chart, series: [{ name: 'f', points }] })).toBe('')
  const { option } = drawn.options[0] as {
    option: { yAxis: { axisLabel: { formatter: (y: number) => string } } }
  }
  const { formatter } = option.yAxis.axisLabel
  // Lines of the axis that differ do not read the same.
  expect(formatter(0.195)).not.toBe(formatter(0.19505))
})

test('losses below zero where nothing was held back are no curve of any page, and the reason is said', () => {
  const history = new RunHistory()
  const extra = { heldBackLoss: -134, heldBackAccuracy: 0, auroc: 0.8 }
  history.take([
    { type: 'metric', step: 1, seconds: 2, f: 1, extra } as unknown as Parameters<
      RunHistory['take']
    >[0][number]
  ])
  for (const axis of ['steps', 'times'] as const) {
    const series = history.series(axis)
    expect(Object.keys(series).sort()).toEqual(['extra.auroc', 'f'])
    expect(leftOutWords('denoising', series)).toContain('too few are trusted to hold any back')
    expect(leftOutWords('poisoning', series)).toBeUndefined()
  }
  const measured = new RunHistory()
  measured.take([
    {
      type: 'metric',
      step: 1,
      seconds: 2,
      f: 1,
      extra: { ...extra, heldBackLoss: 0.4 }
    } as unknown as Parameters<RunHistory['take']>[0][number]
  ])
  expect(measured.series('steps')).toHaveProperty(['extra.heldBackLoss'], [[1, 0.4]])
  expect(leftOutWords('denoising', measured.series('steps'))).toBeUndefined()
})

test('finding wrong labels without test data says that no accuracy was measured', async () => {
  const none = { trustedOnly: null, noisy: null, bilevel: null, cleaned: null }
  const metrics = { flagged: 1, kept: 9, recommendation: { classifier: 'cleaned', reason: 'Take it.' } }
  const report = (testAccuracy: object): object => ({ report: { metrics: { ...metrics, testAccuracy } } })
  expect(await shown(DenoisingResult, report(none))).toContain('Not measured: the run had no test data.')
  expect(drawn.options).toEqual([])
  // What was measured is drawn, and only that.
  expect(await shown(DenoisingResult, report({ ...none, noisy: 0.5 }))).not.toContain('Not measured')
  expect(descriptions()).toBe('Test accuracy: trained on everything as given 50.0 %.')
})

test('an attack whose victims were not retrained on the way has no curve of damage', async () => {
  const metrics = { attack: 'untargeted', budgetCurve: [], checks: [] as object[], bestStep: 0 }
  const text = await shown(DamageCurve, { metrics })
  expect(text).toContain('No victim was retrained on the way')
  expect(text).not.toContain('did the most damage')
  expect(drawn.options).toEqual([])
  const checks = [{ step: 3, accuracy: 0.7 }]
  const once = await shown(DamageCurve, { metrics: { ...metrics, checks, bestStep: 3 } })
  expect(once).toContain('Step 3 did the most damage')
  expect(once).toContain('Measured once (steps on the poisons: 3): accuracy 0.7.')
})

test('few-shot learning that did not look at held-back classes has no curve of them', async () => {
  const mean = { mean: 0.4, interval: [0.3, 0.5], tasks: 20 }
  const metrics = { accuracy: mean, baselines: { random: mean, pretrained: mean }, heldBack: [] as object[] }
  const report = { metrics, spec: { ways: 5, shots: 1 } }
  expect(await shown(FewShotResult, { id: 'r', files: [], report })).toContain(
    'Held-back classes were not looked at on the way'
  )
  expect(drawn.options).toHaveLength(1)
  metrics.heldBack = [1, 2].map((step) => ({ step, accuracy: 0.3 }))
  expect(await shown(FewShotResult, { id: 'r', files: [], report })).not.toContain('not looked at')
  expect(descriptions()).toContain('Accuracy on held-back classes')
})

test('tuning without test data, grid search and checks draws what is left and says what is missing', async () => {
  const values = { unregularised: 0.5, grid: null, tuned: 0.25 }
  const none = { unregularised: null, grid: null, tuned: null }
  const report = {
    data: { validation: 100 },
    metrics: {
      testAccuracy: none,
      validationAccuracy: values,
      validationLoss: values,
      strengths: { count: 1, grid: null, layers: [{ layer: 'a', median: 1, least: 1, largest: 1 }] },
      checks: [],
      best: 'tuned',
      bestStep: null
    }
  }
  const text = await shown(HyperparametersResult, { id: 'r', report })
  expect(text).toContain('There were no test data')
  expect(text).toContain('No classifier was retrained on the way')
  expect(text).toContain('no grid search was made')
  expect(descriptions()).toContain('Validation accuracy: no regularisation 50.0 %')
  expect(descriptions()).not.toMatch(/shared strength|over /)
})

test('numbers that are not there are neither bars nor lines of a table', () => {
  const metrics = { testAccuracy: { clean: 0.5, poisoned: null, flipped: 0.25 }, loss: null }
  expect(shareGroups(metrics)[0]!.bars.map(({ name }) => name)).toEqual(['clean', 'flipped'])
  expect(measuredNumbers(metrics).map(({ path }) => path.at(-1))).toEqual(['clean', 'flipped'])
})
