import type { FewShotEpisode } from '@shared/domain/few-shot-metrics'

export interface EpisodeQuery {
  readonly row: number
  readonly predicted: number
  readonly right: boolean
}

export interface EpisodeWay {
  /** A short sign for the class: captions have no room for names. */
  readonly sign: string
  readonly name: string
  readonly support: readonly number[]
  readonly queries: readonly EpisodeQuery[]
  readonly right: number
}

/** A test task as its viewer shows it, a class a line. */
export function episodeWays({ classes, support, query, predicted }: FewShotEpisode): EpisodeWay[] {
  return classes.map((name, way) => {
    const queries = (query[way] ?? []).map((row, i) => {
      const answer = predicted[way]?.[i] ?? -1
      return { row, predicted: answer, right: answer === way }
    })
    return {
      sign: signOf(way),
      name,
      support: support[way] ?? [],
      queries,
      right: queries.filter(({ right }) => right).length
    }
  })
}

/** A, B, ..., Z, AA, AB, ... */
export function signOf(way: number): string {
  const letter = String.fromCharCode(65 + (way % 26))
  return way < 26 ? letter : signOf(Math.floor(way / 26) - 1) + letter
}

/** Where a key leads in a list of episodes; undefined for keys that are not for it. */
export function episodeAfter(key: string, current: number, total: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: current + 1,
    ArrowLeft: current - 1,
    PageDown: current + 5,
    PageUp: current - 5,
    Home: 0,
    End: total - 1
  }
  const next = steps[key]
  return next === undefined ? undefined : Math.min(Math.max(next, 0), total - 1)
}
