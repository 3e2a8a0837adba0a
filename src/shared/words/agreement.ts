import type { Agreement } from '../domain/reviewer'
import { count } from './numbers'

/** How far two people agree: "Ada and Ben say the same of 32 of 40: Cohen's kappa 0.60 (95 % interval 0.30 to 0.79).". */
export function agreementWords({ between, both, agreed, kappa, interval }: Agreement): string {
  const [first, second] = between
  const same = `${first} and ${second} say the same of ${count(agreed)} of ${count(both)}`
  if (kappa === null) return `${same}; with one answer for all, there is no kappa.`
  const value = `Cohen's kappa ${kappa.toFixed(2)}`
  return interval
    ? `${same}: ${value} (95 % interval ${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}).`
    : `${same}: ${value}, of too few for an interval.`
}
