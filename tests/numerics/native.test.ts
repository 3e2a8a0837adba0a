import { describeNumerics } from '../support/numerics-suite'

describeNumerics('native')
