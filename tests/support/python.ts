import { execFileSync, spawnSync } from 'node:child_process'

/** The Python that checks what other tools read: BILEVEL_TEST_PYTHON, else python3. */
const PYTHON = process.env.BILEVEL_TEST_PYTHON ?? 'python3'

/** Whether it is there with these modules; says why tests are skipped where it is not. */
export function hasPython(...modules: string[]): boolean {
  const found = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0
  if (!found)
    console.warn(`skipped: ${PYTHON} with ${modules.join(', ')} is not here (set BILEVEL_TEST_PYTHON)`)
  return found
}

/** Run a script that prints one JSON document. */
export function pythonJson(script: string, ...args: string[]): unknown {
  return JSON.parse(execFileSync(PYTHON, ['-c', script, ...args], { encoding: 'utf8' }))
}
