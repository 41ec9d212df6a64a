import type { SignIdentity } from '@dfinity/agent'
import { deviceCalls } from '@medguard/protocol'
import { agentOf, type Calls, callsTo } from './canisters.ts'

/** Whoever signs as a device, by canister call as over HTTPS. */
export type DeviceIdentity = SignIdentity

/** The two methods of the records canister that devices have, whose answers the network signs. Whatever is thrown is a `Fault`. */
export const connectDevice = (
  identity: DeviceIdentity,
  {
    url,
    rootKey,
    records,
  }: { readonly url: string; readonly rootKey: Uint8Array; /** Text. */ readonly records: string },
): Calls<typeof deviceCalls> =>
  callsTo(
    agentOf(identity, { url, rootKey }),
    { rootKey },
    {
      service: deviceCalls,
      canister: records,
      expectOpen: () => {},
      note: () => {},
    },
  )
