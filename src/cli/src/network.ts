import { DEVELOPMENT_CANISTERS, developmentNetwork, parseNetwork, type Network } from '@medguard/client'
import { readFileSync } from 'node:fs'
import { UsageError } from './exit-code.ts'
import { readLogShards } from './log-shards-file.ts'

const DEFAULT_URL = 'http://127.0.0.1:4943'
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

/**
 * A loopback URL means localnet and its public constants. Anything else is a file that pins URL, root key and canister ids: nothing that
 * decides whom to trust is ever fetched from the network itself (decisions 32 and 41).
 *
 * @param stateDir where `npm start` writes down what its network has beside what each has.
 */
export function resolveNetwork(where: string | undefined, stateDir: string): Network {
  const given = where ?? process.env['MEDGUARD_NETWORK'] ?? DEFAULT_URL
  const url = URL.canParse(given) ? new URL(given) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    if (LOOPBACK.test(url.hostname)) {
      const logShards = readLogShards(stateDir)
      return developmentNetwork(url.origin, { ...DEVELOPMENT_CANISTERS, ...(logShards.length > 0 && { logShards }) })
    }
    throw new UsageError(`${url.origin} is not on this machine: name a network file instead (docs/network-file.md)`)
  }
  let text: string
  try {
    text = readFileSync(given, 'utf8')
  } catch (error) {
    throw new UsageError(`neither a URL nor a readable network file: ${given}`, { cause: error })
  }
  const network = parseNetwork(text)
  if (network === null) throw new UsageError(`not a network file: ${given}`)
  return network
}
