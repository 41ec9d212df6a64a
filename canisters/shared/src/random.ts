import { call } from './call.ts'
import { rawRandCall } from './codecs/management.ts'
import { onTrap } from './flow.ts'
import { engine, host, MANAGEMENT } from './host.ts'
import { callWith } from './raw-call.ts'
import { setTimer } from './timer.ts'

/** What `raw_rand` answers, and what the generator takes. */
const SEED_BYTES = 32

/**
 * 32 bytes that nobody could know before, from the network for each use: for what must stay unguessable for ever, such as keys.
 *
 * @returns null when the network does not answer; ask again later.
 */
export async function rawRand(): Promise<Uint8Array | null> {
  const outcome = await call(MANAGEMENT, rawRandCall, null)
  return outcome.kind === 'reply' && outcome.value.length === SEED_BYTES ? outcome.value : null
}

/**
 * The engine's own generator begins with a seed of zeros after each install and upgrade, and a pre-initialised module carries its state: what
 * it gave then, everybody could compute. So it gives nothing until the network has seeded it, in the first messages of each life.
 */
let isSeeded = false

const RETRY_SECONDS_MAX = 64
const NOT_SEEDED = 'the generator of random bytes is not seeded yet'

/**
 * Bytes for ids and salts, in updates: what a query draws, the next one draws again. They repeat neither in other canisters nor in a later
 * life of this one.
 *
 * @returns null until the generator is seeded: answer `NotReady`.
 */
export const randomBytes = (length: number): Uint8Array | null => (isSeeded ? host().randBytes(length) : null)

/** At the beginning of each life, before anything else can ask. */
export const startSeeding = (): void => setTimer(0, () => seed(1))

/** Tries until it has a seed, after ever longer waits. */
function seed(waitSeconds: number): void {
  const again = () => setTimer(waitSeconds, () => seed(Math.min(2 * waitSeconds, RETRY_SECONDS_MAX)))
  onTrap(again) // or a trap in the run that brings the seed would be the end of it
  const { name, arg, ret } = rawRandCall
  // Without a promise, since each installation pays for this.
  callWith(MANAGEMENT, name, arg.encode(null), (bytes) => {
    const decoded = bytes === null ? null : ret.decode(bytes)
    if (decoded === null || 'refused' in decoded || decoded.value.length !== SEED_BYTES) return again()
    host().randSeed(decoded.value)
    isSeeded = true
  })
}

/**
 * What libraries know by the language's names waits for the seed as well: they throw instead of giving bytes that are public. In Node
 * nothing changes. It works on the objects in place, since libraries keep them.
 */
function guardEngine(): void {
  const { crypto } = engine
  if (engine._azleIc === undefined || crypto === undefined) return
  const fill = crypto.getRandomValues.bind(crypto)
  crypto.getRandomValues = (array) => {
    if (!isSeeded) throw new Error(NOT_SEEDED)
    return fill(array)
  }
  Math.random = () => {
    if (!isSeeded) throw new Error(NOT_SEEDED)
    const view = new DataView(host().randBytes(8).buffer)
    return (view.getUint32(0) * 0x20_0000 + (view.getUint32(4) >>> 11)) / 2 ** 53
  }
}
guardEngine()
