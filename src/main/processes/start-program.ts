import { forkProgram } from './fork-program'
import type { Program, ProgramOrder, StartProgram } from './program'

let start: StartProgram = forkProgram

/** By a forked Node, unless the shell has another way. */
export function startProgram(order: ProgramOrder): Program {
  return start(order)
}

/** For the composition root of a shell, before the first program is started. */
export function startProgramsBy(way: StartProgram): void {
  start = way
}
