export interface Component {
  readonly name: string
  readonly version: string
  /** As its package states it, in SPDX's words. */
  readonly license?: string
  readonly folder?: string
  readonly text?: string
  readonly home?: string
}
/** Packages that are no development tools, of every system. */
export function lockedPackages(root: string): Component[]
/** Those that lie in node_modules here, once each. */
export function installedPackages(root: string): Component[]
/** What is shipped and is no package. */
export function otherComponents(root: string): Component[]
export function textsOf(root: string, component: Component): string
