/** A field of a spec as its flag, without the dashes: lrUpper is lr-upper, epsilon0 epsilon-0. */
export function flagOf(field: string): string {
  return field
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([a-z]{2})([0-9])/g, '$1-$2')
    .toLowerCase()
}
