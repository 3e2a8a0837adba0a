// The public face of the survey room: what shells and the API may use.
export { SURVEY_FILE, FINDINGS_FILE } from './survey-files'
export { findSurvey, layOut, mapOf, readSurvey, surveyExamples } from './survey-store'
export type { SurveyWatch } from './survey-store'
