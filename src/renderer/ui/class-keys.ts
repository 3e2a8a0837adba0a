/** Keys that pick a class, in the order of the classes: digits first, then letters that mean nothing else. */
const CLASS_KEYS = [...'1234567890', ...'qwerpdfghjklzxcvbnm']

/** The key of each class, the same wherever a class is chosen; digits named 0..9 keep their own. */
export function classKeys(classNames: readonly string[]): readonly (string | undefined)[] {
  if (classNames.length <= 10 && classNames.every((name) => /^\d$/.test(name))) return classNames
  return classNames.map((_, k) => CLASS_KEYS[k])
}
