import { TransportSecretKey } from '@dfinity/vetkeys'
import { vi } from 'vitest'

export interface Secret {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Notes all key material that passes the platform's primitives in this process, without changing the product: what is imported as a key,
 * the AES keys that are derived and cannot be exported, header secrets, and the secrets behind transport keys. What else `deriveBits` gives is published
 * (commitments, check values).
 */
export function spyOnSecrets(): {
  readonly secrets: () => readonly Secret[]
  /** Names of those that the platform would hand out again. */
  readonly extractable: () => readonly string[]
  restore(): void
} {
  const noted = new Map<string, Secret>()
  const note = (name: string, bytes: Uint8Array) =>
    noted.set(Buffer.from(bytes).toString('hex'), { name, bytes: new Uint8Array(bytes) })
  const handedOut = new Set<string>()
  const noteKey = (name: string, isExtractable: unknown) => isExtractable !== false && handedOut.add(name)
  const { subtle } = globalThis.crypto
  const importKey = subtle.importKey.bind(subtle)
  const deriveKey = subtle.deriveKey.bind(subtle)
  const deriveBits = subtle.deriveBits.bind(subtle)
  const random = TransportSecretKey.random.bind(TransportSecretKey)

  // The overloads of both differ in types only.
  const importSpy = vi.spyOn(subtle, 'importKey') as unknown as MockOf
  importSpy.mockImplementation((...args) => {
    const [format, material, algorithm, isExtractable] = args
    if (format === 'raw' && algorithm === 'HKDF') {
      const bytes = bytesOf(material)
      const name = bytes.length === 48 ? 'vetKey' : 'record secret'
      note(name, bytes)
      noteKey(name, isExtractable)
    }
    if (format === 'raw' && algorithm === 'AES-GCM') {
      note('AES key that was computed here', bytesOf(material))
      noteKey('AES key that was computed here', isExtractable)
    }
    return Reflect.apply(importKey, subtle, args) as unknown
  })
  const bitsSpy = vi.spyOn(subtle, 'deriveBits') as unknown as MockOf
  bitsSpy.mockImplementation(async (...args) => {
    const bits = (await Reflect.apply(deriveBits, subtle, args)) as ArrayBuffer
    const [{ info }] = args as [HkdfParams]
    if (info !== undefined && labelOf(info) === 'medguard/1/header-secret') note('header secret', new Uint8Array(bits))
    return bits
  })
  const deriveSpy = vi.spyOn(subtle, 'deriveKey') as unknown as MockOf
  deriveSpy.mockImplementation(async (...args) => {
    const [parameters, key, , isExtractable] = args as [HkdfParams, CryptoKey, unknown, unknown]
    const label = labelOf(parameters.info)
    noteKey(`AES key ${label}`, isExtractable)
    note(`AES key ${label}`, new Uint8Array(await deriveBits(parameters, key, 256)))
    return Reflect.apply(deriveKey, subtle, args) as unknown
  })
  const transportSpy = vi.spyOn(TransportSecretKey, 'random').mockImplementation(() => {
    const secret = random()
    note('transport secret', secret.serialize())
    return secret
  })
  return {
    secrets: () => [...noted.values()],
    extractable: () => [...handedOut],
    restore() {
      for (const spy of [importSpy, bitsSpy, deriveSpy, transportSpy]) spy.mockRestore()
    },
  }
}

interface MockOf {
  mockImplementation(run: (...args: unknown[]) => unknown): void
  mockRestore(): void
}

const labelOf = (info: unknown): string => new TextDecoder().decode(bytesOf(info)).split('\0')[0] ?? ''

function bytesOf(source: unknown): Uint8Array {
  if (source instanceof Uint8Array) return source.slice()
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0))
  throw new Error('key material is bytes')
}
