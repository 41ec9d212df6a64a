import { developmentNetwork, type Network, parseNetwork } from '@medguard/client'

/**
 * The network that a build pins, for the worker: the page itself calls nobody. The mode is compared with the build's constant right here, so that a production
 * build drops the branch with the development keys.
 *
 * @returns null when the build lacks its constants.
 */
export function readNetwork(page: Pick<Location, 'origin'>): Network | null {
  if (import.meta.env.VITE_MEDGUARD_MODE === 'development') return developmentNetwork(page.origin, otherCanisters())
  return parseNetwork(import.meta.env.VITE_MEDGUARD_NETWORK ?? '')
}

/** Ids of a development network that `npm start` has not made; undefined is its own. */
function otherCanisters(): Network['canisters'] | undefined {
  const given = import.meta.env.VITE_MEDGUARD_CANISTERS
  return given === undefined ? undefined : (JSON.parse(given) as Network['canisters'])
}
