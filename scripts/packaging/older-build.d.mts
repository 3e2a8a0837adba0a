export function makeOlderBuild(what: {
  readonly builder: string
  readonly project: string
  readonly out: string
  readonly major: number
}): void
