import { call } from './call.ts'
import { rawRandCall } from './codecs/management.ts'
import { MANAGEMENT } from './host.ts'

/**
 * 32 bytes that nobody could know before. From the network for each use: the engine's own generator begins with a zero seed after each install
 * and upgrade, so two canisters would give out the same "random" ids.
 *
 * @returns null when the network does not answer; ask again later.
 */
export async function rawRand(): Promise<Uint8Array | null> {
  const outcome = await call(MANAGEMENT, rawRandCall, null)
  return outcome.kind === 'reply' && outcome.value.length === 32 ? outcome.value : null
}
