import { call, IDL, type Principal, update } from 'azle'

type CallRejected = { readonly rejectCode: number }
type Answer = { Reply: Uint8Array } | { Rejected: number }

/** A canister of somebody else: passes raw bytes on, so that a test can call as a canister, and answers what came back. */
export default class Forwarder {
  @update([IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8)], IDL.Variant({ Reply: IDL.Vec(IDL.Nat8), Rejected: IDL.Nat32 }))
  async forward(canisterId: Principal, method: string, args: Uint8Array): Promise<Answer> {
    try {
      return { Reply: await call<Uint8Array, Uint8Array>(canisterId, method, { args, raw: true }) }
    } catch (error) {
      return { Rejected: (error as CallRejected).rejectCode }
    }
  }
}
