// The public face of the room of processes: programs of the product that run beside the one that asks.
export { FAREWELL, isFarewell } from './farewell'
export { seeThrough } from './see-through'
export { startProgram, startProgramsBy } from './start-program'
export type { Program, ProgramEnd, ProgramOrder } from './program'
