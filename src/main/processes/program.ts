/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last of what it wrote on stderr. */
  readonly stderr: string
}

/** A program of the product in a process of its own, spoken to in messages that can be cloned. */
export interface Program {
  /** Its id, once it has one; undefined where it could not be started. */
  readonly started: Promise<number | undefined>
  /** After its last message and its last word on stderr. */
  readonly ended: Promise<ProgramEnd>
  /** One that is just ending does not hear it: its end says why. */
  send(message: object): void
  /** At once, by force. */
  kill(): void
  /** Neither hear of it nor wait for it any more. */
  letGo(): void
}

export interface ProgramOrder {
  /** The built program. */
  readonly file: string
  readonly execArgv: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Characters of stderr that are kept. */
  readonly stderrKept: number
  onMessage(message: unknown): void
}

export type StartProgram = (order: ProgramOrder) => Program
