import type { Point } from '@renderer/charts/point-buffer'
import { methodName } from '@shared/domain/method'

export interface ChartGroup {
  readonly title: string
  /** What it shows, symbols explained. */
  readonly text: string
  readonly lines: readonly { readonly key: string; readonly name: string }[]
  readonly logarithmic?: boolean
  readonly isShare?: boolean
  /** What its points are counted in; steps where left out. */
  readonly countedIn?: string
}

/** Charts of a run, those that matter most first. */
const GROUPS: readonly ChartGroup[] = [
  {
    title: 'Losses',
    text: 'f is what the run makes small: the loss on what it is judged by, trusted or validation examples; an attack makes that loss large, and f is its negative. g is the loss that the classifier is trained with.',
    lines: [
      { key: 'f', name: 'f, judged by' },
      { key: 'g', name: 'g, trained with' }
    ]
  },
  {
    title: 'Distance from being trained',
    text: '‖∇g‖ is how far the classifier is from a minimum of g. The penalty drives it towards zero.',
    lines: [{ key: 'gradNormG', name: '‖∇g‖' }],
    logarithmic: true
  },
  {
    title: 'Penalty and multiplier',
    text: 'What the objective adds for leaving the minimum of g: (γ/2)‖∇g‖² and ν·∇g.',
    lines: [
      { key: 'penaltyTerm', name: 'penalty' },
      { key: 'multiplierTerm', name: 'multiplier' }
    ]
  },
  {
    title: 'Schedule',
    text: 'γ grows and λ, ε shrink each time both gradients are below ε: the problem is solved ever more strictly.',
    lines: [
      { key: 'gamma', name: 'γ' },
      { key: 'lambda', name: 'λ' },
      { key: 'eps', name: 'ε' }
    ],
    logarithmic: true
  },
  {
    title: 'Gradients',
    text: 'How strongly the objective still pulls at u (your data) and v (the classifier).',
    lines: [
      { key: 'gradNormUpper', name: 'at u' },
      { key: 'gradNormLower', name: 'at v' }
    ],
    logarithmic: true
  },
  {
    title: 'Speed',
    text: 'Steps of the classifier in a second.',
    lines: [{ key: 'lowerStepsPerSecond', name: 'steps per second' }]
  }
]

/** Names of task-specific numbers, in words. */
const EXTRA_WORDS: Readonly<Record<string, string>> = {
  heldBackLoss: 'loss on held-back trusted examples',
  heldBackAccuracy: 'accuracy on held-back trusted examples',
  testAccuracy: 'test accuracy',
  auroc: 'AUROC of the weights (truth is known)',
  successRate: 'success rate',
  retrainedAccuracy: 'accuracy of a retrained victim',
  retrainedSuccessRate: 'success rate on a retrained victim',
  retrainedOtherAccuracy: 'a retrained victim on the other classes',
  accuracy: 'accuracy on held-back tasks',
  validationLoss: 'validation loss',
  retrainedValidationLoss: 'validation loss of a retrained classifier',
  meanLogStrength: 'mean log strength',
  distance: 'distance to the solution'
}

/** Measured once a pass over the data. */
const BY_EPOCH: ReadonlySet<string> = new Set(['heldBackLoss', 'heldBackAccuracy', 'auroc'])

/** What the points of a metric are counted in. */
export function countedIn(key: string): 'epoch' | 'step' {
  return BY_EPOCH.has(key.replace(/^extra\./, '')) ? 'epoch' : 'step'
}

/** Whether a metric is a share of something. */
export function isShare(key: string): boolean {
  return /(accuracy|successrate|auroc)$/i.test(key)
}

/** What a metric is called in a list of all. */
export function metricWords(key: string): string {
  if (key.startsWith('extra.')) return extraWords(key.slice('extra.'.length))
  const group = GROUPS.find(({ lines }) => lines.some((line) => line.key === key))
  const line = group?.lines.find((other) => other.key === key)
  if (!group || !line) return key.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return group.lines.length > 1 ? `${group.title.toLowerCase()}: ${line.name}` : group.title.toLowerCase()
}

function extraWords(name: string): string {
  return EXTRA_WORDS[name] ?? name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}

/** Why a chart that one expects of a run is not there. */
export function leftOutWords(
  task: string,
  series: Readonly<Record<string, readonly Point[]>>
): string | undefined {
  const isMissing = task === 'denoising' && series['f'] !== undefined && !series['extra.heldBackLoss']
  return isMissing
    ? 'Loss and accuracy on held-back trusted examples are not drawn: too few are trusted to hold any back.'
    : undefined
}

/** The charts that this run's numbers fill; task-specific numbers get one chart each. */
export function chartGroups(series: Readonly<Record<string, readonly Point[]>>): ChartGroup[] {
  const known = GROUPS.filter(({ lines }) => lines.some(({ key }) => (series[key]?.length ?? 0) > 0))
  const distances = distanceGroups(Object.keys(series))
  // Losses of several problems on one axis say nothing, and a line for all would jump from method to method.
  if (distances.length > 0) return distances
  const extras = Object.keys(series)
    .filter((key) => key.startsWith('extra.'))
    .map((key): ChartGroup => {
      const name = key.slice('extra.'.length)
      const words = extraWords(name)
      return {
        title: words.charAt(0).toUpperCase() + words.slice(1),
        text: 'Measured by the task while it runs.',
        lines: [{ key, name: words }],
        logarithmic: name.startsWith('distance'),
        isShare: isShare(key),
        countedIn: countedIn(key)
      }
    })
  const [losses, ...rest] = known
  return [...(losses ? [losses] : []), ...extras, ...rest]
}

/** Distances of a race on problems with known solutions: a chart a problem, a line a method. */
function distanceGroups(keys: readonly string[]): ChartGroup[] {
  const byProblem = new Map<string, { key: string; name: string }[]>()
  for (const key of keys) {
    const [, problem, method] = /^extra\.distance (\S+) (\S+)$/.exec(key) ?? []
    if (!problem || !method) continue
    byProblem.set(problem, [...(byProblem.get(problem) ?? []), { key, name: methodName(method) }])
  }
  return [...byProblem].map(([problem, lines]) => ({
    title: `Distance to the solution: ${problem}`,
    text: 'How far u and v are from the known solution, on average over the trials.',
    lines,
    logarithmic: true
  }))
}
