// Prints canisters/shared/src/sha256-block.ts: `npx tsx scripts/generate-sha256.ts`. The test beside that file compares them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { ROOT } from './project.ts'

export const OUTPUT = join(ROOT, 'canisters/shared/src/sha256-block.ts')

/** The first `count` primes. */
function primes(count: number): bigint[] {
  const found: bigint[] = []
  for (let n = 2n; found.length < count; n++) if (found.every((prime) => n % prime !== 0n)) found.push(n)
  return found
}
/** So many fractional bits of the `degree`-th root, in exact integer arithmetic, as a signed word. */
function rootBits(value: bigint, degree: 2n | 3n, bits: 32 | 64): bigint {
  const scaled = value << (BigInt(bits) * degree)
  let low = 0n
  let high = 1n << BigInt(bits + 8)
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** degree <= scaled) low = middle
    else high = middle
  }
  return BigInt.asIntN(bits, low)
}

/** Cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
export const roundConstants = (): number[] => primes(64).map((prime) => Number(rootBits(prime, 3n, 32)))
/** Square roots of the first eight primes (section 5.3.3). */
export const initialHash = (): number[] => primes(8).map((prime) => Number(rootBits(prime, 2n, 32)))
/** The same of SHA-512: of 80 primes, and twice as long (sections 4.2.3 and 5.3.5). */
export const roundConstants512 = (): bigint[] => primes(80).map((prime) => rootBits(prime, 3n, 64))
export const initialHash512 = (): bigint[] => primes(8).map((prime) => rootBits(prime, 2n, 64))

const rotated = (name: string, by: readonly number[]) =>
  by.map((n) => `((${name} >>> ${n}) | (${name} << ${32 - n}))`).join(' ^ ')

/** Source of a function whose 64 rounds stand one after the other, each value in a local of its own. */
export function sha256BlockSource(): string {
  const lines: string[] = []
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  for (const [round, constant] of roundConstants().entries()) {
    const name = (i: number) => names[(i - round + 64) % 8] ?? ''
    const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(name)
    const w = (back: number) => `w${(round - back + 64) % 16}`
    if (round >= 16) {
      lines.push(`x = ${w(15)}`, `y = ${w(2)}`)
      const low = `(((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))`
      const high = `(((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))`
      lines.push(`${w(0)} = (${w(0)} + ${low} + ${w(7)} + ${high}) | 0`)
    }
    lines.push(
      `x = (${h} + (${rotated(String(e), [6, 11, 25])}) + (${g} ^ (${e} & (${f} ^ ${g}))) + ${constant} + ${w(0)}) | 0`,
      `${d} = (${d} + x) | 0`,
      `${h} = (x + (${rotated(String(a), [2, 13, 22])}) + ((${a} & ${b}) ^ (${c} & (${a} ^ ${b})))) | 0`,
    )
  }
  const words = Array.from({ length: 16 }, (_, i) => `w${i}`)
  return [
    '// Made by scripts/generate-sha256.ts: change that file. The engine is an interpreter, in which a loop, an array element or a call costs',
    '// more than the arithmetic of a round: unrolled like this a block takes a third of what a library needs.',
    '',
    '/**',
    ' * One block of SHA-256 (FIPS 180-4, section 6.2.2).',
    ' * @param state Eight words, changed in place.',
    ' * @param message The 64 bytes from `offset` on are hashed.',
    ' */',
    'export function compress(state: Int32Array, message: DataView, offset: number): void {',
    '  var x: number, y: number',
    ...words.map((word, i) => `  var ${word} = message.getInt32(offset${i === 0 ? '' : ` + ${4 * i}`})`),
    ...names.map((name, i) => `  var ${name} = state[${i}] ?? 0`),
    ...lines.map((line) => `  ${line}`),
    ...names.map((name, i) => `  state[${i}] = (state[${i}] ?? 0) + ${name}`),
    '}',
    '',
  ].join('\n')
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(OUTPUT, sha256BlockSource())
