import type { Network } from './network.ts'

const LOOPBACK = /^(127(\.\d{1,3}){3}|([a-z0-9-]+\.)*localhost|\[::1\])$/

/** Where plain HTTP finds the records canister: the network's own gateways, or this machine's. */
export function linkOrigin({ url, canisters }: Pick<Network, 'url' | 'canisters'>): string {
  const { hostname, port } = new URL(url)
  if (!LOOPBACK.test(hostname)) return `https://${canisters.records}.icp0.io`
  return `http://${canisters.records}.localhost${port === '' ? '' : `:${port}`}`
}
