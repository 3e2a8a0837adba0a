/** The probability of log odds. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Log odds of what is so in one case only, whose probability is given. */
export function ofBoth(logOdds: number, chance: number): number {
  // p c / (1 - p c) = c / (e^-logOdds + 1 - c)
  return Math.log(chance) - Math.log(Math.exp(-logOdds) + 1 - chance)
}
