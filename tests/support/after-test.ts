/** Acts that wait for the end of the test, or outside of one for that of the file. */
const ofTest: (() => void)[] = []
const ofFile: (() => void)[] = []
let isInTest = false

/**
 * Do this once the test has ended; what is asked for outside of one, once its file has. Hooks of Vitest's would not do in
 * a module that several files share: they are those of the first of them alone.
 */
export function afterTest(act: () => void): void {
  const waiting = isInTest ? ofTest : ofFile
  waiting.push(act)
}

export function beginTest(): void {
  isInTest = true
}

export function endTest(): void {
  isInTest = false
  doAll(ofTest)
}

export function endFile(): void {
  isInTest = false
  doAll(ofFile)
}

/** The last one first, as they were made. */
function doAll(acts: (() => void)[]): void {
  for (const act of acts.splice(0).reverse()) act()
}
