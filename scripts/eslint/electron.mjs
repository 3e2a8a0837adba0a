// What code near Electron must not say: the rules of Electron's checklist and of Doyensec's electronegativity, as
// selectors of ESLint's own no-restricted-syntax. docs/packaging.md has the table of both.

/** Options of a page, and the one value that each may have; those without one are not to be there at all. */
const PAGE_OPTIONS = {
  nodeIntegration: 'false',
  nodeIntegrationInWorker: 'false',
  nodeIntegrationInSubFrames: 'false',
  contextIsolation: 'true',
  sandbox: 'true',
  webSecurity: 'true',
  allowRunningInsecureContent: 'false',
  experimentalFeatures: 'false',
  webviewTag: 'false',
  enableBlinkFeatures: undefined,
  enableRemoteModule: undefined,
  additionalArguments: undefined,
  affinity: undefined,
  partition: undefined
}

/** Methods that nothing here needs, and what each would open. */
const METHODS = {
  openExternal: 'hands an address to the system, which may run it',
  executeJavaScript: 'runs a text as code in the page',
  executeJavaScriptInIsolatedWorld: 'runs a text as code in the page',
  insertCSS: 'changes the page from outside',
  appendSwitch: 'changes how Chromium protects the page',
  appendArgument: 'changes how Chromium protects the page',
  setCertificateVerifyProc: 'lets in servers that are not who they say',
  allowNTLMCredentialsForDomains: "sends the user's credentials",
  registerFileProtocol: 'serves files of the disk; page-protocol.ts serves what is listed',
  interceptFileProtocol: 'serves files of the disk; page-protocol.ts serves what is listed',
  registerHttpProtocol: 'fetches pages from elsewhere',
  interceptHttpProtocol: 'fetches pages from elsewhere',
  setAsDefaultProtocolClient: 'lets any web page start the program with words of its own',
  loadFile: 'gives the page the rights of a file; page-protocol.ts has a scheme of its own'
}

const LISTENS = 'CallExpression[callee.property.name=/^(on|once|addListener)$/]'

/** For no-restricted-syntax. */
export const ELECTRON = [
  ...Object.entries(PAGE_OPTIONS).map(([name, value]) => ({
    selector:
      value === undefined
        ? `Property[key.name='${name}']`
        : `Property[key.name='${name}']:not([value.type='Literal'][value.raw='${value}'])`,
    message:
      value === undefined
        ? `"${name}" is not to be set for a page.`
        : `"${name}" of a page is ${value}, literally.`
  })),
  ...Object.entries(METHODS).map(([name, opens]) => ({
    selector: `CallExpression[callee.property.name='${name}']`,
    message: `"${name}" ${opens}.`
  })),
  {
    selector: `${LISTENS}[arguments.0.value=/^(certificate-error|select-client-certificate|login)$/]`,
    message: 'Whom to trust in the network is not decided here.'
  },
  {
    selector: `${LISTENS}[arguments.0.value='will-attach-webview'] Property[key.name='webPreferences']`,
    message: 'Attaching a web view is refused, not adapted.'
  },
  {
    selector:
      'CallExpression[callee.property.name=/^setPermission(Request|Check)Handler$/][arguments.0.value=null]',
    message: 'Without a handler permissions are granted.'
  },
  {
    selector:
      "CallExpression[callee.property.name='setPermissionRequestHandler'] CallExpression[arguments.0.value=true]",
    message: 'The page needs no permission.'
  },
  {
    selector: "CallExpression[callee.property.name='setWindowOpenHandler'] Literal[value='allow']",
    message: 'The page opens no windows.'
  },
  {
    selector:
      'Literal[value=/ELECTRON_DISABLE_SECURITY_WARNINGS/], Identifier[name=/ELECTRON_DISABLE_SECURITY_WARNINGS/]',
    message: "Electron's warnings stay on."
  },
  {
    selector: 'Literal[value=/^http:/], TemplateElement[value.raw=/^http:/]',
    message: 'No content over plain HTTP.'
  },
  {
    selector:
      "CallExpression[callee.property.name='exposeInMainWorld'] :matches(Property[value.name='ipcRenderer'], SpreadElement[argument.name='ipcRenderer'])",
    message: 'The page gets functions with a purpose, not the messenger itself.'
  },
  {
    selector: "CallExpression[callee.property.name='exposeInMainWorld'][arguments.1.name='ipcRenderer']",
    message: 'The page gets functions with a purpose, not the messenger itself.'
  },
  {
    selector: "ImportDeclaration[source.value='@electron/remote']",
    message: 'The remote module opens main to the page.'
  },
  {
    selector:
      "ImportDeclaration[source.value='electron'] ImportSpecifier[imported.name=/^(remote|webFrame)$/]",
    message: 'Opens main, or the running of texts, to the page.'
  }
]
