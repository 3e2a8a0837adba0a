/** A picture of distances that fall over several decades: one column a problem; above against steps, below against time. */
export interface Panel {
  readonly title: string
  readonly subtitle: string
  readonly curves: readonly {
    readonly name: string
    readonly points: readonly { readonly step: number; readonly seconds: number; readonly mean: number }[]
  }[]
}

const WIDTH = 300
const HEIGHT = 210
const LEFT = 46
const TOP = 64
const GAP = 44
/** Okabe and Ito's colours, told apart by colour-blind eyes; dashes tell them apart in print. */
const STYLES: readonly { readonly colour: string; readonly dash: string }[] = [
  { colour: '#0072b2', dash: '' },
  { colour: '#d55e00', dash: '6 3' },
  { colour: '#009e73', dash: '2 2' },
  { colour: '#999999', dash: '8 3 2 3' },
  { colour: '#cc79a7', dash: '4 2' }
]
/** Distances under this are drawn as this. */
const FLOOR = 1e-5

/** An SVG document; the mean distance on a logarithmic axis. */
export function drawCurves(panels: readonly Panel[]): string {
  const names = [...new Set(panels.flatMap(({ curves }) => curves.map(({ name }) => name)))]
  const width = LEFT + panels.length * (WIDTH + GAP)
  const height = TOP + 2 * (HEIGHT + GAP) - 16
  const range = decades(panels)
  const body = panels.flatMap((panel, column) =>
    (['step', 'seconds'] as const).map((axis, row) =>
      drawPanel(panel, axis, {
        x: LEFT + column * (WIDTH + GAP),
        y: TOP + row * (HEIGHT + GAP),
        range,
        names,
        titled: row === 0
      })
    )
  )
  const legend = names.map((name, i) => {
    const x = LEFT + i * 130
    return `<line x1="${x}" x2="${x + 26}" y1="14" y2="14" ${stroke(i)}/><text x="${x + 32}" y="18">${name}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...legend,
    ...body,
    '</svg>',
    ''
  ].join('\n')
}

interface Place {
  readonly x: number
  readonly y: number
  readonly range: readonly [number, number]
  readonly names: readonly string[]
  readonly titled: boolean
}

function drawPanel(panel: Panel, axis: 'step' | 'seconds', place: Place): string {
  const { x, y, range, names, titled } = place
  const last = Math.max(...panel.curves.map(({ points }) => points.at(-1)?.[axis] ?? 0)) || 1
  const across = (value: number): number => x + (value / last) * WIDTH
  const [low, high] = range
  const up = (value: number): number =>
    y + HEIGHT - ((Math.log10(Math.max(value, FLOOR)) - low) / (high - low)) * HEIGHT
  const parts = [`<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#ccc"/>`]
  if (titled) {
    parts.push(
      `<text x="${x}" y="${y - 20}" font-size="13" font-weight="600">${escape(panel.title)}</text>`,
      `<text x="${x}" y="${y - 6}" fill="#666">${escape(panel.subtitle)}</text>`
    )
  }
  for (let decade = low; decade <= high; decade++) {
    const at = up(10 ** decade).toFixed(1)
    parts.push(
      `<line x1="${x}" x2="${x + WIDTH}" y1="${at}" y2="${at}" stroke="#eee"/>`,
      `<text x="${x - 5}" y="${Number(at) + 4}" text-anchor="end" fill="#666">${label(decade)}</text>`
    )
  }
  const unit = axis === 'step' ? 'steps on u' : 'seconds'
  parts.push(
    `<text x="${x}" y="${y + HEIGHT + 15}" fill="#666">0</text>`,
    `<text x="${x + WIDTH}" y="${y + HEIGHT + 15}" text-anchor="end" fill="#666">${Number(last.toPrecision(3))} ${unit}</text>`
  )
  for (const { name, points } of panel.curves) {
    const line = points.map((point) => `${across(point[axis]).toFixed(1)},${up(point.mean).toFixed(1)}`)
    parts.push(`<polyline points="${line.join(' ')}" fill="none" ${stroke(names.indexOf(name))}/>`)
  }
  return parts.join('\n')
}

/** Whole decades that hold every distance. */
function decades(panels: readonly Panel[]): [number, number] {
  const values = panels.flatMap(({ curves }) =>
    curves.flatMap(({ points }) => points.map(({ mean }) => Math.max(mean, FLOOR)).filter(Number.isFinite))
  )
  const low = Math.floor(Math.log10(Math.min(1, ...values)))
  const high = Math.ceil(Math.log10(Math.max(...values)))
  return [low, Math.max(high, low + 1)]
}

function label(decade: number): string {
  return decade >= -3 && decade <= 3 ? String(10 ** decade).replace(/^(0\.0*1)\d*$/, '$1') : `1e${decade}`
}

function stroke(index: number): string {
  const { colour, dash } = STYLES[index % STYLES.length]!
  return `stroke="${colour}" stroke-width="1.8"${dash ? ` stroke-dasharray="${dash}"` : ''}`
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
