// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import ChartCanvas from '@renderer/charts/chart-canvas.vue'

/** Stands in for ECharts: what was asked of it, and a zoom that a reader makes. */
const chart = vi.hoisted(() => ({
  asked: [] as object[],
  zoom: undefined as { start: number; end: number } | undefined,
  handlers: new Map<string, () => void>()
}))

vi.mock('@renderer/charts/echarts', () => ({
  init: () => ({
    getZr: () => ({ setSleepAfterStill: () => undefined }),
    on: (name: string, act: () => void) => chart.handlers.set(name, act),
    setOption: () => undefined,
    getOption: () => ({ dataZoom: [chart.zoom] }),
    dispatchAction: (action: object) => chart.asked.push(action),
    resize: () => undefined,
    dispose: () => undefined
  })
}))
vi.mock('@renderer/charts/frame-queue', () => ({
  drawInTurn: (draw: () => void) => draw(),
  drawNoMore: () => undefined
}))

class Always {
  constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {}
  observe(): void {
    this.tell([{ isIntersecting: true }])
  }
  disconnect(): void {
    return undefined
  }
}

beforeEach(() => {
  chart.asked = []
  vi.stubGlobal('IntersectionObserver', Always)
  vi.stubGlobal('ResizeObserver', Always)
})

const shown = (zoomKey: string) => mount(ChartCanvas, { props: { option: {}, description: '', zoomKey } })

test('a view that was zoomed is there again when its page is come back to, and nowhere else', () => {
  const first = shown('#/runs/a Losses')
  expect(chart.asked).toEqual([])
  chart.zoom = { start: 20, end: 60 }
  chart.handlers.get('datazoom')!()
  first.unmount()
  shown('#/runs/b Losses').unmount()
  shown('#/runs/a Gradients').unmount()
  expect(chart.asked).toEqual([])
  shown('#/runs/a Losses')
  expect(chart.asked).toMatchObject([{ type: 'dataZoom', start: 20, end: 60 }])
})
