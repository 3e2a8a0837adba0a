import type { Bridge } from '../../preload/bridge'

declare global {
  interface Window {
    /** Put there by the preload script; absent in a browser. */
    readonly workbench?: Bridge
  }
}

/** The desktop's own abilities; undefined in a browser, where the page must offer another way. */
export function bridge(): Bridge | undefined {
  return window.workbench
}
