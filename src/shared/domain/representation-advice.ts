import { exampleSize } from './dataset'
import { ON_FEATURES, SMALL_PICTURE, SMALL_SIDE } from './features-choice'

/** What is known of a run before or after it, as far as the choice of representation goes. */
export interface RepresentationFacts {
  readonly task: string
  readonly model: string
  /** What the spec names under features. */
  readonly features: string | undefined
  /** Of one example. */
  readonly shape: readonly number[]
  /** Whether a column holds texts that are written freely. */
  readonly hasTexts: boolean
  /** Names of extractors at hand, by what they read. */
  readonly extractors: { readonly pictures: readonly string[]; readonly texts: readonly string[] }
}

/** What is likely to do better, and why. */
export interface RepresentationAdvice {
  readonly about: 'photographs' | 'texts' | 'small pictures'
  readonly text: string
  /** Fields of the spec to change; absent where something has to be fetched first. */
  readonly change: { readonly features?: string; readonly model: string } | undefined
}

/**
 * Which representation and model suit the data better than the ones chosen; undefined where they are the best known.
 * The figures are measured on two classes of small photographs, on ants and bees, and on banking questions.
 */
export function adviseOnRepresentation(facts: RepresentationFacts): RepresentationAdvice | undefined {
  const { task, features, shape, hasTexts, extractors } = facts
  if (!ON_FEATURES.has(task) || features !== undefined) return undefined
  if (hasTexts) return onTexts(extractors.texts[0])
  const [height = 0, width = 0, channels] = shape
  if (channels === undefined) return undefined
  const isColour = channels >= 3
  return Math.max(height, width) > SMALL_SIDE || (isColour && Math.max(height, width) === SMALL_SIDE)
    ? onPhotographs(extractors.pictures[0])
    : onSmallPictures(facts)
}

function onTexts(extractor: string | undefined): RepresentationAdvice {
  const why = 'Without an extractor a run knows which frequent words a text holds, not what it means.'
  return extractor === undefined
    ? { about: 'texts', text: `${why} Fetch an extractor of texts first.`, change: undefined }
    : {
        about: 'texts',
        text: `${why} On features of a text model, F1 rose from 0.93 to 0.95 on 77 classes of questions; ${extractor} is here.`,
        change: { features: extractor, model: 'logistic' }
      }
}

function onPhotographs(extractor: string | undefined): RepresentationAdvice {
  const why =
    'On photographs, pretrained features find far more than pixels, in a fraction of the time: AUROC 0.90 instead of 0.70 on one set, 0.99 instead of 0.59 on another (0.50 is chance).'
  return extractor === undefined
    ? {
        about: 'photographs',
        text: `${why} Fetch an extractor of pictures first, or add the folder of one that you have.`,
        change: undefined
      }
    : {
        about: 'photographs',
        text: `${why} ${extractor} is here, and a linear model is enough on its features.`,
        change: { features: extractor, model: 'logistic' }
      }
}

/** Up to a size the labels are judged by the same classifiers, whichever model is chosen. */
function onSmallPictures({ model, shape }: RepresentationFacts): RepresentationAdvice | undefined {
  return model === 'logistic' && exampleSize(shape) > SMALL_PICTURE
    ? {
        about: 'small pictures',
        text: 'On small pictures a neural network (mlp) tells more than a linear model, which fits few trusted examples whatever their labels.',
        change: { model: 'mlp' }
      }
    : undefined
}
