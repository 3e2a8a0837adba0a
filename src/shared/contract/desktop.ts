/** Names of the few channels between the desktop window and main beside the API's message port. */
export const DESKTOP_CHANNELS = {
  /** window -> main, with the port of the API */
  connect: 'workbench:connect',
  chooseSource: 'workbench:choose-source',
  chooseFolder: 'workbench:choose-folder',
  reveal: 'workbench:reveal',
  openWorkspace: 'workbench:open-workspace',
  /** main -> window: a route that the menu asks for */
  navigate: 'workbench:navigate'
} as const
