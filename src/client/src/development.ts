import { developmentMasterKey } from '@medguard/crypto'
import { fromHex } from '@medguard/protocol'
import { Fault } from './api.ts'
import type { Network } from './network.ts'

/** Root key of the development network, made from a public seed. Whoever trusts it trusts everybody. */
const ROOT_KEY_HEX =
  '308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c0503020103610096a502b403a16e7c2b8119cd80d3a8018cd638ba9fcebf9c10b224cb07f02c69179bad75f54b8f74cfb1de7b15f8d9d210ce1188ee9cfb4b10ef04919e06a03d30d60174ed8aa527ce92c3bd040470e1d85897be8b9cd88e682e01263891d8db'

/** By order of creation: `npm start` makes them in this order on every machine (decision 32). */
export const DEVELOPMENT_CANISTERS = {
  consent: 'bnz7o-iuaaa-aaaaa-qaaaa-cai',
  records: 'bkyz2-fmaaa-aaaaa-qaaaq-cai',
  audit: 'bd3sg-teaaa-aaaaa-qaaba-cai',
  frontend: 'be2us-64aaa-aaaaa-qaabq-cai',
} as const

/**
 * The embedded network: its keys and ids are public constants, so nothing has to be fetched. A production build holds none of this.
 *
 * @param canisters text ids, where another tool than `npm start` has created them.
 */
export function developmentNetwork(
  url: string,
  canisters: Readonly<Network['canisters']> = DEVELOPMENT_CANISTERS,
): Network {
  const rootKey = fromHex(ROOT_KEY_HEX)
  if (rootKey === null) throw new Fault('BadReply', 'the development root key is not hexadecimal')
  const { consent, records, audit, logShards } = canisters
  const ours = { consent, records, audit, ...(logShards !== undefined && { logShards }) }
  return { url, rootKey, canisters: ours, masterKey: developmentMasterKey() }
}
