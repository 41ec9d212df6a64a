import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { NativeTrap } from '../native-canister.ts'

export type Opt<T> = [] | [T]
export const Blob = IDL.Vec(IDL.Nat8)

/** ICRC-1, "Account". */
export const AccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(Blob) })
export interface Account {
  readonly owner: Principal
  readonly subaccount: Opt<Uint8Array>
}

const SUBACCOUNT_BYTES = 32
const ACCOUNT_ID_BYTES = 32

export const accountOf = (owner: Uint8Array, subaccount: Opt<Uint8Array> = []): Account => ({
  owner: Principal.fromUint8Array(owner),
  subaccount,
})

/** 32 bytes; no subaccount is the one of zeros. @throws NativeTrap for another length. */
export function subaccountBytes([subaccount]: Opt<Uint8Array>): Uint8Array {
  if (subaccount === undefined) return new Uint8Array(SUBACCOUNT_BYTES)
  if (subaccount.length !== SUBACCOUNT_BYTES) throw new NativeTrap(`a subaccount has ${SUBACCOUNT_BYTES} bytes`)
  return Uint8Array.from(subaccount)
}

/** The account of the ICP ledger, as everybody names it: checksum and SHA-224 of owner and subaccount. */
export function accountIdentifier({ owner, subaccount }: Account): Uint8Array {
  const hash = createHash('sha224')
    .update('\x0Aaccount-id')
    .update(owner.toUint8Array())
    .update(subaccountBytes(subaccount))
    .digest()
  const id = Buffer.alloc(ACCOUNT_ID_BYTES)
  id.writeUInt32BE(crc32(hash))
  hash.copy(id, 4)
  return new Uint8Array(id)
}

/** @throws NativeTrap for bytes that are no account identifier. */
export function checkAccountIdentifier(given: Uint8Array): Uint8Array {
  const id = Buffer.from(given)
  if (id.length !== ACCOUNT_ID_BYTES || id.readUInt32BE() !== crc32(id.subarray(4))) {
    throw new NativeTrap('the account identifier is not valid')
  }
  return new Uint8Array(id)
}

/** The subaccount that the cycles minting canister keeps for a principal: its length and bytes, then zeros. */
export function subaccountOfPrincipal(principal: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SUBACCOUNT_BYTES)
  bytes[0] = principal.length
  bytes.set(principal, 1)
  return bytes
}
