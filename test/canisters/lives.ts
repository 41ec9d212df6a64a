import { atStart, createCanister, openMap, rawRand, setTimer } from '@medguard/shared'

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
    async fail({ afterCall }) {
      raise()
      if (afterCall === 1) await rawRand()
      raise()
      throw new Error('as asked')
    },
  },
})
