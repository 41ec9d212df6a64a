interface Kept {
  readonly key: Uint8Array
  readonly view: DataView
}

/**
 * Makes keys `name || number(4)`, big-endian. Two names of different length never make one key, since the keys' lengths differ too.
 * What it returns is good until its next call: a map copies a key at once, and to make one is dear.
 */
export function createNumberedKeys(): (name: Uint8Array, number: number) => Uint8Array {
  const kept = new Map<number, Kept>()
  const keep = (sizeBytes: number): Kept => {
    const key = new Uint8Array(sizeBytes + 4)
    const made = { key, view: new DataView(key.buffer) }
    kept.set(sizeBytes, made)
    return made
  }
  return (name, number) => {
    const sizeBytes = name.length
    const { key, view } = kept.get(sizeBytes) ?? keep(sizeBytes)
    key.set(name)
    view.setUint32(sizeBytes, number)
    return key
  }
}
