import { blob, none } from '@medguard/protocol'
import { compileCodec } from './candid-codec.ts'
import { MANAGEMENT } from './host.ts'
import { callRaw } from './raw-call.ts'

const NO_ARGUMENTS = compileCodec(none).encode(null)
const RANDOMNESS = compileCodec(blob)

/**
 * 32 bytes that nobody could know before. From the network for each use: the engine's own generator begins with a zero seed after each install
 * and upgrade, so two canisters would give out the same "random" ids.
 *
 * @returns null when the network does not answer; ask again later.
 */
export async function rawRand(): Promise<Uint8Array | null> {
  const outcome = await callRaw(MANAGEMENT, 'raw_rand', NO_ARGUMENTS)
  if (outcome.kind !== 'reply') return null
  const decoded = RANDOMNESS.decode(outcome.bytes)
  return 'value' in decoded && decoded.value.length === 32 ? decoded.value : null
}
