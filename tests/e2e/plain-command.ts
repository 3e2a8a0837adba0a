import { desktopCommand } from './launch-electron'
import { PACKAGED, packagedCommand } from './launch-packaged'
import type { PlainCommand } from './launch-plain'

/** The program as a person starts it: the packaged one where it is named (BILEVEL_TEST_PACKAGED), else the checkout's. */
export const plainCommand: (workspace: string) => PlainCommand =
  PACKAGED === undefined ? desktopCommand : packagedCommand

export const PLAIN = PACKAGED === undefined ? 'the desktop program' : 'the packaged program'
