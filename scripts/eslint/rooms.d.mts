/** Why `file` may not import `specifier`, or undefined when it may. */
export function breach(file: string, specifier: string): string | undefined
