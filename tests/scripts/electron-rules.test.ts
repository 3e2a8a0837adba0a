import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Linter } from 'eslint'
import { expect, test } from 'vitest'
import { PROJECT } from '@support/command'
import { ELECTRON } from '../../scripts/eslint/electron.mjs'

const linter = new Linter()
const findings = (code: string): string[] =>
  linter
    .verify(code, [{ rules: { 'no-restricted-syntax': ['error', ...ELECTRON] } }])
    .map(({ message }) => message)

test.each([
  'new BrowserWindow({ webPreferences: { nodeIntegration: true } })',
  'new BrowserWindow({ webPreferences: { nodeIntegration: isTest } })',
  'new BrowserWindow({ webPreferences: { contextIsolation: false } })',
  'new BrowserWindow({ webPreferences: { sandbox: !1 } })',
  'new BrowserWindow({ webPreferences: { webSecurity: false } })',
  "new BrowserWindow({ webPreferences: { webSecurity: 'true' } })",
  'new BrowserWindow({ webPreferences: { allowRunningInsecureContent: true } })',
  'new BrowserWindow({ webPreferences: { experimentalFeatures: true } })',
  'new BrowserWindow({ webPreferences: { webviewTag: true } })',
  "new BrowserWindow({ webPreferences: { enableBlinkFeatures: 'X' } })",
  "new BrowserWindow({ webPreferences: { additionalArguments: ['--x'] } })",
  'shell.openExternal(url)',
  'window.webContents.executeJavaScript(text)',
  "app.commandLine.appendSwitch('disable-web-security')",
  'session.setCertificateVerifyProc(all)',
  "app.on('certificate-error', trust)",
  "protocol.registerFileProtocol('x', answer)",
  "app.setAsDefaultProtocolClient('x')",
  "window.loadFile('index.html')",
  'session.setPermissionRequestHandler(null)',
  'session.setPermissionRequestHandler((c, p, answer) => answer(true))',
  "contents.setWindowOpenHandler(() => ({ action: 'allow' }))",
  "process.env['ELECTRON_DISABLE_SECURITY_WARNINGS'] = '1'",
  "window.loadURL('http://example.org')",
  'window.loadURL(`http://${host}`)',
  "contextBridge.exposeInMainWorld('x', ipcRenderer)",
  "contextBridge.exposeInMainWorld('x', { ipc: ipcRenderer })",
  "contextBridge.exposeInMainWorld('x', { ...ipcRenderer })",
  "import remote from '@electron/remote'",
  "import { webFrame } from 'electron'"
])('refused: %s', (code) => {
  expect(findings(code)).toHaveLength(1)
})

test.each([
  'new BrowserWindow({ webPreferences: { nodeIntegration: false, contextIsolation: true, sandbox: true, webSecurity: true } })',
  'session.setPermissionRequestHandler((c, p, answer) => answer(false))',
  "contents.setWindowOpenHandler(() => ({ action: 'deny' }))",
  "window.loadURL('bilevel://workbench/')",
  "contextBridge.exposeInMainWorld('x', { choose: () => ipcRenderer.invoke('choose') })"
])('fine: %s', (code) => {
  expect(findings(code)).toEqual([])
})

test('the page allows no inline script, no evaluation and nothing from elsewhere', () => {
  const page = readFileSync(path.join(PROJECT, 'src/renderer/index.html'), 'utf8')
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page)?.[1] ?? ''
  const directives = Object.fromEntries(policy.split(/;\s*/).map((one) => [one.split(' ')[0], one]))
  expect(directives['default-src']).toBe("default-src 'none'")
  expect(directives['script-src']).toBe("script-src 'self'")
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/)
  expect(page).not.toMatch(/<webview|<iframe|allowpopups|javascript:|target="_blank"/)
  expect(page.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="./app/main.ts">'])
})

test('no script of the package starts Electron with a protection less', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(Object.values(scripts).join('\n')).not.toMatch(
    /--(no-sandbox|disable-web-security|inspect|remote-debugging|ignore-certificate-errors|js-flags)/
  )
})
