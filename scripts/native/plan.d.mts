export type Build = 'cpu' | 'cuda'
export interface Plan {
  readonly source: 'wheel' | 'archive'
  readonly build: Build
  readonly why: string
}
/** The builds to try on a machine, in order; empty where TensorFlow publishes nothing. */
export function plans(
  env: Readonly<Record<string, string | undefined>>,
  platform?: string,
  arch?: string
): Plan[]
