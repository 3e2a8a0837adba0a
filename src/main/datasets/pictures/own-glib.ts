import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

/**
 * Let sharp use the GLib that libvips brings, in a process that has the system's loaded already: Electron on Linux does, for
 * GTK. The loader would give sharp's addon the functions of that one, for objects that libvips made with its own, and the
 * process ends in `g_object_ref`. To be called before sharp is imported.
 *
 * libvips comes first, by itself: its own calls are bound inside it, and it shares the allocator of the process with the
 * C library. The addon then looks for names in its libraries before all others (RTLD_DEEPBIND); an addon that loaded libvips
 * in this way would give it another allocator than the C library's.
 * @throws Error where libvips cannot be loaded
 */
export function bindSharpToItsGlib(): void {
  const { RTLD_DEEPBIND, RTLD_NOW } = os.constants.dlopen
  // Only glibc has it, and only there are both.
  if (RTLD_DEEPBIND === undefined) return
  const libraries = installedLibraries()
  if (libraries === undefined) return
  load(libraries.libvips, RTLD_NOW)
  process.dlopen({ exports: {} }, libraries.addon, RTLD_NOW | RTLD_DEEPBIND)
}

/** Undefined where sharp was built on this machine: with the system's libvips, and so with one GLib. */
function installedLibraries(): SharpLibraries | undefined {
  try {
    return sharpLibraries()
  } catch {
    return undefined
  }
}

interface SharpLibraries {
  readonly addon: string
  readonly libvips: string
}

/** Where the addon of sharp and the library that it stands on are, for this system. @throws Error where they are not installed */
export function sharpLibraries(): SharpLibraries {
  const sharp = createRequire(createRequire(import.meta.url).resolve('sharp'))
  const manifest = sharp.resolve(`@img/sharp-${process.platform}-${process.arch}/package`)
  const folder = path.join(path.dirname(manifest), 'lib')
  const addon = readdirSync(folder).find((name) => name.endsWith('.node'))
  if (addon === undefined) throw new Error(`There is no addon of sharp in ${folder}.`)
  const libvips = createRequire(manifest).resolve(
    `@img/sharp-libvips-${process.platform}-${process.arch}/binary`
  )
  return { addon: path.join(folder, addon), libvips }
}

/** Load what is no addon. Node says so and closes it, but libvips is marked never to be unloaded. */
function load(library: string, flags: number): void {
  try {
    process.dlopen({ exports: {} }, library, flags)
  } catch (error) {
    if (!readFileSync('/proc/self/maps', 'utf8').includes(path.basename(library))) throw error
  }
}
