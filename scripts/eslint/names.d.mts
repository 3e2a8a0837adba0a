export function avoidedWord(name: string): { word: string; instead: string } | undefined
