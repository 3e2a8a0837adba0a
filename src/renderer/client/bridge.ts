import type { Bridge } from '../../preload/bridge'

declare global {
  interface Window {
    /** Put there by the preload script; absent in a plain browser. */
    readonly workbench?: Bridge
  }
}

/** @throws when the page is opened outside the desktop window */
export function bridge(): Bridge {
  if (!window.workbench) throw new Error('This page works in the desktop window only.')
  return window.workbench
}
