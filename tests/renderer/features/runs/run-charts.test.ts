// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import Tooltip from 'primevue/tooltip'
import { expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import LineChart from '@renderer/charts/line-chart.vue'
import RunCharts from '@renderer/features/runs/run-charts.vue'
import { shareAxis } from '@renderer/charts/share-axis'
import type { Series } from '@renderer/features/runs/run-history'

const drawn = vi.hoisted(() => ({ options: [] as unknown[] }))

vi.mock('@renderer/charts/chart-canvas.vue', async () => {
  const { defineComponent, h, watch } = await import('vue')
  return {
    default: defineComponent({
      props: { option: { type: Object, required: true }, description: { type: String, required: true } },
      setup(props) {
        watch(
          () => props.option,
          (option) => drawn.options.push(option),
          { immediate: true }
        )
        return () => h('div')
      }
    })
  }
})

test('charts are drawn for new points and for nothing else that changes on their page', async () => {
  const two = (y: number): Series[string] => [
    [1, y],
    [2, y]
  ]
  const series = ref<Series>({ f: two(2), gradNormG: two(3) })
  const seconds = ref(0)
  const page = defineComponent(
    () => () => h('div', [h('p', `${seconds.value} s`), h(RunCharts, { series: series.value })])
  )
  const wrapper = mount(page, { global: { plugins: [PrimeVue], directives: { tooltip: Tooltip } } })
  expect(wrapper.findAllComponents(LineChart)).toHaveLength(2)
  expect(drawn.options).toHaveLength(2)
  seconds.value = 1
  await nextTick()
  wrapper.findComponent(RunCharts).vm.$forceUpdate()
  await nextTick()
  expect(wrapper.text()).toContain('1 s')
  expect(drawn.options).toHaveLength(2)
  series.value = { f: [...series.value['f']!, [3, 1]], gradNormG: series.value['gradNormG']! }
  await nextTick()
  expect(drawn.options.length).toBeGreaterThan(2)
})

test('the scale changes at once', async () => {
  const series: Series = {
    gradNormG: [
      [1, 3],
      [2, 1]
    ]
  }
  const wrapper = mount(RunCharts, {
    props: { series },
    global: { plugins: [PrimeVue], directives: { tooltip: Tooltip } }
  })
  drawn.options = []
  await wrapper.find('input[role="switch"]').setValue(true)
  expect(drawn.options).toMatchObject([{ yAxis: { type: 'value' } }])
})

test('a line that begins again further left leaves a gap, and so does what has no logarithm', () => {
  const series: Series = {
    gradNormG: [
      [1, 3],
      [3, 0],
      [2, 4]
    ]
  }
  drawn.options = []
  mount(RunCharts, {
    props: { series },
    global: { plugins: [PrimeVue], directives: { tooltip: Tooltip } }
  })
  const data = [
    [1, 3],
    [3, null],
    [2, null],
    [2, 4]
  ]
  expect(drawn.options).toMatchObject([{ series: [{ data }] }])
})

const mounted = (series: Series) => {
  drawn.options = []
  return mount(RunCharts, {
    props: { series },
    global: { plugins: [PrimeVue], directives: { tooltip: Tooltip } }
  })
}

test('what was measured once is said, not drawn', () => {
  const page = mounted({ f: [[7, 0.25]], g: [[7, 0.5]], 'extra.heldBackAccuracy': [[1, 0.875]] })
  expect(drawn.options).toEqual([])
  expect(page.text()).toContain('Measured once (step: 7): f, judged by 0.25, g, trained with 0.5.')
  expect(page.text()).toContain('Measured once (epoch: 1): accuracy on held-back trusted examples 0.875.')
})

test('what each method measured once is said with the time of each', () => {
  drawn.options = []
  const series = [
    { name: 'Penalty', points: [[8.78, 0.9846] as const] },
    { name: 'RMD', points: [[8.634, 0.9847] as const] }
  ]
  const props = { series, xName: 'seconds', dark: false, title: 'AUROC' }
  const chart = mount(LineChart, { props })
  expect(drawn.options).toEqual([])
  expect(chart.text()).toBe('Measured once: Penalty 0.9846 (seconds: 8.78), RMD 0.9847 (seconds: 8.634).')
})

test('shares are drawn no room for beyond 0 and 1, and what is measured once an epoch is counted in epochs', () => {
  mounted({
    'extra.heldBackAccuracy': [
      [1, 1],
      [2, 1]
    ],
    f: [
      [1, 1],
      [2, 1]
    ]
  })
  const [losses, accuracy] = drawn.options as {
    xAxis: { name: string }
    yAxis: { min?: number; max?: number }
  }[]
  expect(losses).toMatchObject({ xAxis: { name: 'step' }, yAxis: { type: 'value' } })
  expect(losses!.yAxis.max).toBeUndefined()
  expect(accuracy).toMatchObject({ xAxis: { name: 'epoch' }, yAxis: { min: 0.998, max: 1 } })
})

test.each([
  [[0.5, 0.97], 0.4, 1],
  [[0.912, 0.934], 0.91, 0.935],
  [[0, 0.02], 0, 0.025],
  [[0.3], 0.298, 0.302],
  [[], 0, 1]
] as const)('an axis of the shares %j is round', (values, min, max) => {
  const axis = shareAxis(values)
  expect(axis.min).toBeCloseTo(min, 9)
  expect(axis.max).toBeCloseTo(max, 9)
})
