// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from 'vitest'
import { droppedPath } from '@renderer/features/datasets/dropped-files'

/** As the desktop's bridge has it: each file lies where its name says. */
const onDesktop = (): void => {
  vi.stubGlobal('workbench', { pathOf: ({ name }: File) => name })
}
const dropped = (...paths: string[]): Pick<DataTransfer, 'files'> => ({
  files: paths.map((path) => new File([], path)) as unknown as FileList
})

afterEach(() => vi.unstubAllGlobals())

describe('what is dropped on the window', () => {
  test('on the desktop is looked at where it lies, several files as the folder they are in', () => {
    onDesktop()
    expect(droppedPath(dropped('/data/pets'))).toBe('/data/pets')
    expect(droppedPath(dropped('/data/images.gz', '/data/labels.gz'))).toBe('/data')
    expect(droppedPath(dropped(String.raw`C:\data\a.csv`, String.raw`C:\data\b.csv`))).toBe(
      String.raw`C:\data`
    )
  })

  test('lies nowhere together, or nowhere at all', () => {
    onDesktop()
    expect(droppedPath(dropped('/data/a.csv', '/other/b.csv'))).toBeUndefined()
    expect(droppedPath(dropped(''))).toBeUndefined()
    expect(droppedPath(dropped())).toBeUndefined()
  })

  test('in a browser is sent', () => {
    expect(droppedPath(dropped('/data/pets'))).toBeUndefined()
  })
})
