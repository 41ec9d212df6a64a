import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'

// What several of the Candid files share.

export type Opt<T> = [] | [T]

export const Bytes = IDL.Vec(IDL.Nat8)

export interface CanisterIdArgs {
  readonly canister_id: Principal
}

export const senderVersion = { sender_canister_version: IDL.Opt(IDL.Nat64) }
export interface SenderVersion {
  readonly sender_canister_version: Opt<bigint>
}

export const ChunkHash = IDL.Record({ hash: Bytes })
