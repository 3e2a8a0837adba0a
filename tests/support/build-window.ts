import { builtWindow } from '@main/shells/server/built-window'

/** Before the first test that opens the served workbench: so that no test's time goes into building its window. */
export async function setup(): Promise<void> {
  await builtWindow((line) => process.stderr.write(`${line}\n`))
}
