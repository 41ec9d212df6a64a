const kept: object[] = []

/**
 * Keeps the engine from forgetting how objects with these properties, in this order, are laid out. It forgets with the last such object, and laying it
 * out anew is a third of what a small object costs. For the few that every message makes; call it while the module loads.
 */
export function keepShape(...names: readonly string[]): void {
  const object: Record<string, null> = {}
  for (const name of names) {
    object[name] = null
    kept.push({ ...object }) // what it looks like on the way counts, too
  }
}
