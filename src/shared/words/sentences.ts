/** What a program said, as a sentence that another may follow. */
export function asSentence(said: string): string {
  const text = said.trim()
  return /[.!?]["')]?$/.test(text) ? text : `${text}.`
}
