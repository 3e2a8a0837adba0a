export interface Exception {
  readonly name: RegExp
  readonly license: string
  readonly why: string
}
export const EXCEPTIONS: readonly Exception[]
/** Why a component must not be shipped; undefined where it may be. */
export function objection(component: { readonly name: string; readonly license?: string }): string | undefined
