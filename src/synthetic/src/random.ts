/** Reproducible randomness for sample data. Not for keys, ids on a network, or anything that somebody must not guess. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer, both ends included. */
  int(lowest: number, highest: number): number
  /** Uniform in [lowest, highest). */
  between(lowest: number, highest: number): number
  /** Normal distribution, cut at three deviations so that no sample is absurd. */
  normal(mean: number, deviation: number): number
  chance(probability: number): boolean
  pick<const List extends readonly [unknown, ...unknown[]]>(list: List): List[number]
  /** A version 4 UUID. */
  uuid(): string
  /** A stream of its own: what it draws does not move what this one draws next. */
  fork(label: string): Random
}

/** sfc32 (Doty-Humphrey, PractRand), seeded with 128 bits from `seed` by FNV-1a over four salts. */
export function createRandom(seed: string | number): Random {
  const text = String(seed)
  let a = fnv1a(`0${text}`)
  let b = fnv1a(`1${text}`)
  let c = fnv1a(`2${text}`)
  let counter = fnv1a(`3${text}`)

  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 16; round++) bits()

  const next = () => bits() / 2 ** 32
  const int = (lowest: number, highest: number) => lowest + Math.floor(next() * (highest - lowest + 1))
  const hex = () => bits().toString(16).padStart(8, '0')
  return {
    next,
    int,
    between: (lowest, highest) => lowest + next() * (highest - lowest),
    normal(mean, deviation) {
      // Irwin and Hall: twelve uniforms have variance 1. No logarithm, whose last digit differs between engines.
      let sum = -6
      for (let draw = 0; draw < 12; draw++) sum += next()
      return mean + deviation * Math.max(-3, Math.min(3, sum))
    },
    chance: (probability) => next() < probability,
    pick: (list) => list[int(0, list.length - 1)],
    uuid() {
      const [first, second, third, fourth] = [hex(), hex(), hex(), hex()]
      const variant = ((Number.parseInt(third.slice(0, 1), 16) & 0x3) | 0x8).toString(16)
      return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`
    },
    fork: (label) => createRandom(`${text}/${label}`),
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
