const KEY = 'medguard.version'

/**
 * Whether this device has run a newer page than this one, which is remembered beside the language. Whoever serves a page may serve an old one of ours, whose faults are known by now;
 * such a page stops before anybody signs in. Nobody who wrote a page of their own is stopped by it: what they serve is kept out by certificates.
 *
 * @param version of this page, three numbers; others are never the newer ones.
 */
export function isOlderThanBefore(version: string, storage: Pick<Storage, 'getItem' | 'setItem'>): boolean {
  const [own, newest] = [partsOf(version), partsOf(storage.getItem(KEY) ?? '')]
  if (own === null) return newest !== null
  const step = newest === null ? 1 : (own.map((part, i) => part - (newest[i] ?? 0)).find((ahead) => ahead !== 0) ?? 0)
  if (step > 0) storage.setItem(KEY, version)
  return step < 0
}

function partsOf(version: string): readonly number[] | null {
  return /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version) ? version.split('.').map(Number) : null
}
