import { TASK_LIST } from '@shared/tasks'
import type { AnyTask } from '@shared/tasks'
import type { TaskName } from '@shared/domain/task-spec'

export type TaskCard = AnyTask & { readonly icon: string }

const ICONS: Readonly<Record<TaskName, string>> = {
  denoising: 'pi-search',
  poisoning: 'pi-exclamation-triangle',
  'few-shot': 'pi-clone',
  hyperparameters: 'pi-sliders-h',
  synthetic: 'pi-chart-scatter'
}

/** What the workbench can do, as the window offers it. */
export const TASK_CARDS: readonly TaskCard[] = TASK_LIST.map((task) => ({ ...task, icon: ICONS[task.task] }))
