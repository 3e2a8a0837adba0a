// The public face of the job room.
export { JobStore } from './job-store'
export type { JobOrder, JobWatch, StartedJob } from './job-order'
