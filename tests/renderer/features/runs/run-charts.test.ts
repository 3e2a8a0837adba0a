// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import Tooltip from 'primevue/tooltip'
import { expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import LineChart from '@renderer/charts/line-chart.vue'
import RunCharts from '@renderer/features/runs/run-charts.vue'
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
  const series = ref<Series>({ f: [[1, 2]], gradNormG: [[1, 3]] })
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
  series.value = { f: [...series.value['f']!, [2, 1]], gradNormG: series.value['gradNormG']! }
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
