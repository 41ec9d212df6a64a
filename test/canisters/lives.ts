import { refuse } from '@medguard/protocol'
import { atStart, createCanister, openMap, randomBytes, rawRand, setTimer } from '@medguard/shared'

import { livesEndpoints } from './lives-codecs.ts'

const map = openMap(0)
const KEY = new Uint8Array(1)
let inHeap = 0
let lives = 0
atStart(() => {
  lives += 1
})

const stored = () => map.get(KEY)?.[0] ?? 0
function raise(): number {
  map.set(KEY, Uint8Array.of(stored() + 1))
  return ++inHeap
}
const dive = (depth: number): number => (depth === 0 ? 0 : 1 + dive(depth - 1))

const orNotReady = (bytes: Uint8Array | null) => (bytes === null ? { Err: refuse.notReady } : { Ok: bytes })

/** Fetched as the module loads, as libraries do. */
const { crypto } = globalThis
function randomForLibraries(): Uint8Array | null {
  const bytes = new Uint8Array(40)
  const attempts = [
    () => void crypto.getRandomValues(bytes.subarray(0, 32)),
    () => new DataView(bytes.buffer).setFloat64(32, Math.random()),
  ]
  const refusedBy = attempts.filter((attempt) => {
    try {
      attempt()
      return false
    } catch {
      return true
    }
  })
  if (refusedBy.length === 1) throw new Error('one of the two is not guarded')
  return refusedBy.length === 0 ? bytes : null
}

export default createCanister({
  service: livesEndpoints,
  handlers: {
    state: () => ({ Ok: { stored: stored(), inHeap, lives } }),
    raise: () => ({ Ok: raise() }),
    raiseLater({ seconds }) {
      setTimer(seconds, () => void raise())
      return { Ok: seconds }
    },
    clock: () => ({ Ok: BigInt(Date.now()) }),
    print({ line }) {
      console.log(line)
      return { Ok: 0 }
    },
    dive: ({ depth }) => ({ Ok: dive(depth) }),
    random: ({ length }) => orNotReady(randomBytes(length)),
    randomInQuery: ({ length }) => orNotReady(randomBytes(length)),
    randomForLibraries: () => orNotReady(randomForLibraries()),
    async fail({ afterCall }) {
      raise()
      if (afterCall === 1) await rawRand()
      raise()
      throw new Error('as asked')
    },
  },
})
