/** Colours of series and of chart furniture, readable on both themes and for colour-blind readers (Okabe-Ito). */
export const SERIES = ['#4f6bed', '#d97706', '#0f9d8a', '#c2410c', '#9b5de5', '#6b7280', '#0284c7', '#be185d']

export interface ChartInk {
  readonly text: string
  readonly line: string
}

export function chartInk(dark: boolean): ChartInk {
  return dark ? { text: '#a1a1aa', line: '#3f3f46' } : { text: '#52525b', line: '#e4e4e7' }
}

export const RIGHT = '#0f9d8a'
export const WRONG = '#e0662b'
