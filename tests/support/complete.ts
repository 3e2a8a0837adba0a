/** BILEVEL_TEST_COMPLETE=1: also the repetitions of a kind of which the tests otherwise hold one. */
export const isComplete = process.env['BILEVEL_TEST_COMPLETE'] !== undefined
