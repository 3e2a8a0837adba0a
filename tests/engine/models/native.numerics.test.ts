import { describeNumerics } from '@support/numerics-suite'

await describeNumerics('native')
