/** What a key asks of the review. */
export type ReviewAction =
  | {
      readonly type:
        'keep' | 'drop' | 'accept' | 'clear' | 'undo' | 'redo' | 'help' | 'choose' | 'next-undecided'
    }
  | { readonly type: 'relabel'; readonly label: number }
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'first' | 'last' }

export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Examples that Page Up and Page Down go over. */
const PAGE = 10

/** The keys, as the help shows them. */
export const KEYS: readonly { readonly keys: readonly string[]; readonly text: string }[] = [
  { keys: ['K'], text: 'Keep: the given label is right' },
  { keys: ['D'], text: 'Drop: leave the example out' },
  { keys: ['R', 'Enter'], text: 'Relabel to the suggestion' },
  { keys: ['0', '…', '9'], text: 'Relabel to the class with that key; of many classes, a likely one' },
  { keys: ['C'], text: 'Relabel to any class: type to find it' },
  { keys: ['+', '−'], text: 'Zoom the picture, as the wheel does' },
  { keys: ['X'], text: 'Take the decision on this example back' },
  { keys: ['↓', 'N'], text: 'Next example' },
  { keys: ['↑', 'P'], text: 'Previous example' },
  { keys: ['Space'], text: 'Next example that is not decided' },
  { keys: ['Page ↓', 'Page ↑'], text: 'Ten further, ten back' },
  { keys: ['Home', 'End'], text: 'Most suspicious, least suspicious' },
  { keys: ['U'], text: 'Undo, without limit (also Ctrl Z)' },
  { keys: ['Ctrl', 'Shift', 'Z'], text: 'Redo' },
  { keys: ['?'], text: 'Show or hide these keys' }
]

const PLAIN: Readonly<Record<string, ReviewAction>> = {
  k: { type: 'keep' },
  d: { type: 'drop' },
  r: { type: 'accept' },
  enter: { type: 'accept' },
  c: { type: 'choose' },
  u: { type: 'undo' },
  x: { type: 'clear' },
  n: { type: 'move', by: 1 },
  arrowdown: { type: 'move', by: 1 },
  p: { type: 'move', by: -1 },
  arrowup: { type: 'move', by: -1 },
  pagedown: { type: 'move', by: PAGE },
  pageup: { type: 'move', by: -PAGE },
  home: { type: 'first' },
  end: { type: 'last' },
  ' ': { type: 'next-undecided' },
  '?': { type: 'help' }
}

/** @param classes those with buttons; only digits pick one here, the letters have other meanings */
export function actionOf(
  press: KeyPress,
  classes: readonly { readonly label: number; readonly key: string | undefined }[]
): ReviewAction | undefined {
  const key = press.key.toLowerCase()
  if (press.altKey) return undefined
  if (press.ctrlKey || press.metaKey) {
    if (key === 'z') return { type: press.shiftKey ? 'redo' : 'undo' }
    return key === 'y' ? { type: 'redo' } : undefined
  }
  if (/^\d$/.test(key)) {
    const picked = classes.find((offered) => offered.key === key)
    return picked && { type: 'relabel', label: picked.label }
  }
  return PLAIN[key]
}

/** Whether the element that has the focus needs this key for itself. */
export function isTakenBy(element: Element | null, press: KeyPress): boolean {
  if (!element) return false
  if (press.ctrlKey || press.metaKey) return isTextField(element)
  if (element.closest('[role="dialog"], [role="menu"]')) return true
  if (isTextField(element) || element.closest('[role="slider"], [role="combobox"], [role="grid"]')) {
    return press.key !== '?' || isTextField(element)
  }
  // Buttons, links and the like keep the keys that press them and move between them.
  const pressable = element.closest('button, a, [role="button"], [role="radio"], [role="switch"], input')
  return pressable !== null && ['Enter', ' ', 'ArrowDown', 'ArrowUp'].includes(press.key)
}

function isTextField(element: Element): boolean {
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLInputElement &&
      !['checkbox', 'radio', 'range', 'button'].includes(element.type)) ||
    (element instanceof HTMLElement && element.isContentEditable)
  )
}
