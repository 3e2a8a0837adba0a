import { denoisingSettings } from '../../../engine/tasks/denoising/settings'
import { buildModel } from '../../../engine/models/classifier'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import type { ExampleSelection } from '../../datasets'
import type { RunPlan } from '../protocol'

/** How much a run would have to do, from its spec and the sizes of its data. */
export function planRun(selections: Readonly<Record<string, ExampleSelection>>, spec: TaskSpec): RunPlan {
  const data = Object.entries(selections).map(([role, selection]) => ({
    role,
    reference: selection.reference,
    count: selection.count,
    classes: selection.classNames.length,
    shape: [...selection.shape],
    poisoned: selection.poisoned
  }))
  const { train, trusted } = selections
  if (spec.task !== 'denoising' || !train || !trusted) {
    return { data, lowerSteps: null, batchSize: null, parameters: null }
  }
  const settings = denoisingSettings(spec, { train: train.count, trusted: trusted.count })
  const { layout } = buildModel(spec.model, {
    shape: train.shape,
    classes: train.classNames.length,
    hiddenSizes: spec.hiddenSizes
  })
  return {
    data,
    lowerSteps: settings.epochs * Math.ceil(train.count / settings.batchSize) * settings.solver.lowerSteps,
    batchSize: settings.batchSize,
    parameters: layout.size
  }
}
