// The public face of the report room: what the API may use.
export { reportPage } from './report-page'
export { commandOfSpec } from './repeat'
export type { ReportFacts, ReportedChange, ReportedExample } from './report-facts'
