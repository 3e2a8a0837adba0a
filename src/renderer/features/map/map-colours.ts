import { HIDDEN, LARGE, SHOWN } from '@renderer/charts/point-painter'
import { SERIES } from '@renderer/charts/palette'

/** What points are coloured by. */
export interface Colouring {
  /** Names of the groups, as the legend lists them. */
  readonly groups: readonly string[]
  /** Colour of each group, as CSS. */
  readonly colours: readonly string[]
  /** The group of a row; -1 where nothing is known of it. */
  groupOf(row: number): number
}

/** Steps of a scale from bad to good. */
const STEPS = 8
const FAINT = { light: '#c4c4cc', dark: '#4b4b55' } as const

/** Colours that are told apart: the charts' own for few groups, evenly spaced hues for many. */
function groupColours(count: number): string[] {
  if (count <= SERIES.length) return SERIES.slice(0, count)
  return Array.from({ length: count }, (_, i) => {
    const hue = (360 * ((i * 0.618034) % 1) + 230) % 360
    return `hsl(${Math.round(hue)} ${i % 2 ? 75 : 55}% ${[48, 58, 40][i % 3]}%)`
  })
}

/** Groups of equal width of scores 0..1, the worst first. */
export function scoreGroups(scores: readonly (number | null)[]): Colouring {
  const groups = Array.from(
    { length: STEPS },
    (_, i) => `${(i / STEPS).toFixed(2)} to ${((i + 1) / STEPS).toFixed(2)}`
  )
  const colours = groups.map((_, i) => `hsl(${15 + (160 * i) / (STEPS - 1)} 78% ${i < 2 ? 48 : 44}%)`)
  return {
    groups,
    colours,
    groupOf: (row) => {
      const score = scores[row]
      return score === null || score === undefined ? -1 : Math.min(STEPS - 1, Math.floor(score * STEPS))
    }
  }
}

const BAD = '#e0662b'
const GOOD = '#0f9d8a'
const CALM = '#4f6bed'

export function grouped(
  groups: readonly string[],
  groupOf: (row: number) => number,
  colours: readonly string[] = groupColours(groups.length)
): Colouring {
  return { groups, colours, groupOf }
}

/** What a run flags of those that it trained on. */
export function flagGroups(flagged: readonly number[], scores: readonly (number | null)[]): Colouring {
  const among = new Set(flagged)
  const groupOf = (row: number): number => (among.has(row) ? 0 : typeof scores[row] === 'number' ? 1 : -1)
  return grouped(['flagged', 'not flagged'], groupOf, [BAD, CALM])
}

/** What people decided in a run's review. */
export function decisionGroups(
  decided: readonly { readonly row: number; readonly action: 'keep' | 'drop' | 'relabel' }[]
): Colouring {
  const actions = ['drop', 'relabel', 'keep']
  const byRow = new Map(decided.map(({ row, action }) => [row, actions.indexOf(action)]))
  return grouped(['dropped', 'relabelled', 'kept'], (row) => byRow.get(row) ?? -1, [BAD, CALM, GOOD])
}

/** Changes of weight that count as one, -1..1: the course of a weight in words. */
const HARDLY = 0.05
const MUCH = 0.4

/** How the weight of each example went over a run. */
export function weightGroups(changes: readonly (number | null)[]): Colouring {
  const groupOf = (row: number): number => {
    const change = changes[row]
    if (change === null || change === undefined) return -1
    if (change < -HARDLY) return change < -MUCH ? 0 : 1
    return change > HARDLY ? 3 : 2
  }
  return grouped(['lost most of its weight', 'lost some', 'hardly changed', 'gained weight'], groupOf, [
    BAD,
    '#d9a441',
    CALM,
    GOOD
  ])
}

export interface Emphasis {
  readonly selected: ReadonlySet<number>
  /** Groups that are not drawn. */
  readonly hidden: ReadonlySet<number>
  readonly theme: 'light' | 'dark'
}

/** Colours of all points: those of no group faint, and so are all others while some are selected. */
export function pointColours(
  count: number,
  { colours, groupOf }: Colouring,
  { selected, hidden, theme }: Emphasis,
  rgbOf: (css: string) => readonly [number, number, number]
): Uint8Array {
  const inks = colours.map(rgbOf)
  const faint = rgbOf(FAINT[theme])
  const out = new Uint8Array(4 * count)
  for (let row = 0; row < count; row++) {
    const group = groupOf(row)
    const isFaint = group < 0 || (selected.size > 0 && !selected.has(row))
    const [red, green, blue] = isFaint ? faint : inks[group]!
    const at = 4 * row
    out[at] = red
    out[at + 1] = green
    out[at + 2] = blue
    out[at + 3] = hidden.has(group) ? HIDDEN : selected.has(row) ? LARGE : SHOWN
  }
  return out
}

/** Red, green and blue of a CSS colour, by the browser's own reading. */
export function cssReader(): (css: string) => readonly [number, number, number] {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (css) => {
    if (!context) return [128, 128, 128]
    context.fillStyle = css
    context.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
    return [red, green, blue]
  }
}
