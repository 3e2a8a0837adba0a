import { describeNumerics } from '../support/numerics-suite'

describeNumerics('wasm')
