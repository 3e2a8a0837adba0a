import * as z from 'zod'

/** Mean of one number a task, with its 95 % interval. */
const meanInterval = z.object({
  mean: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  tasks: z.int()
})
export type MeanOverTasks = z.infer<typeof meanInterval>

/** metrics of report.json of few-shot learning: accuracies on tasks of unseen classes. */
export const fewShotMetrics = z.object({
  accuracy: meanInterval,
  /** The same tasks, with heads on features of other origin. */
  baselines: z.object({ random: meanInterval, pretrained: meanInterval }),
  /** Differences task by task: they need no unpaired comparison of two intervals. */
  gain: z.object({ overRandom: meanInterval, overPretrained: meanInterval }),
  /** Accuracy on tasks of held-back classes on the way. */
  heldBack: z.array(z.object({ step: z.int(), accuracy: z.number() })),
  bestStep: z.int()
})
export type FewShotMetrics = z.infer<typeof fewShotMetrics>

const rowsByWay = z.array(z.array(z.int().nonnegative()))

/** One test task: rows of the test data by way, and the way that each query was taken for. */
export const fewShotEpisode = z.object({
  /** Name of each way's class. */
  classes: z.array(z.string()),
  support: rowsByWay,
  query: rowsByWay,
  predicted: rowsByWay,
  accuracy: z.number()
})
export type FewShotEpisode = z.infer<typeof fewShotEpisode>

/** episodes.json: a few of the test tasks, for a viewer. */
export const fewShotEpisodes = z.object({
  /** The test data that the rows are of. */
  reference: z.string(),
  ways: z.int(),
  shots: z.int(),
  queries: z.int(),
  episodes: z.array(fewShotEpisode)
})
export type FewShotEpisodes = z.infer<typeof fewShotEpisodes>
