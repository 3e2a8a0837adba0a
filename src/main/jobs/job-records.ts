import type { Job } from '../../shared/domain/job'

/** Where jobs are written down, so that a workbench that starts again knows what its last life was doing. */
export interface JobRecords {
  /** Oldest first; what cannot be read is left out. */
  load(): Job[]
  /** Insert or replace. */
  save(job: Job): void
  remove(id: string): void
}
