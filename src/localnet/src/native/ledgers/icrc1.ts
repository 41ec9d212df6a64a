import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { candidMethod, type CandidMethod } from '../candid-method.ts'
import type { NativeCall } from '../native-canister.ts'
import { type Account, accountOf, AccountType, Blob, type Opt } from './accounts.ts'
import { type Failure, Ledger } from './ledger.ts'

/** One token as ICRC-1 shows it. */
export interface Token {
  readonly name: string
  readonly symbol: string
  readonly decimals: number
  readonly fee: bigint
  /** Mints what it sends and burns what it gets; null where the ledger has none. */
  readonly minting: Account | null
  readonly keyOf: (account: Account) => string
}

const TransferArg = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
})
interface TransferArgument {
  readonly from_subaccount: Opt<Uint8Array>
  readonly to: Account
  readonly amount: bigint
  readonly fee: Opt<bigint>
  readonly memo: Opt<Uint8Array>
  readonly created_at_time: Opt<bigint>
}

export const GenericError = IDL.Record({ error_code: IDL.Nat, message: IDL.Text })
const TransferError = IDL.Variant({
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }),
  InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  TooOld: IDL.Null,
  CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
  TemporarilyUnavailable: IDL.Null,
  Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
  GenericError,
})

const MetadataValue = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob })
const STANDARD = { name: 'ICRC-1', url: 'https://github.com/dfinity/ICRC-1' }
const MEMO_BYTES_MAX = 80

/** The methods of ICRC-1 for a token. */
export function icrc1Methods(token: Token): Record<string, CandidMethod> {
  const constant = (type: IDL.Type, value: unknown) => candidMethod('query', null, type, () => value)
  return {
    icrc1_name: constant(IDL.Text, token.name),
    icrc1_symbol: constant(IDL.Text, token.symbol),
    icrc1_decimals: constant(IDL.Nat8, token.decimals),
    icrc1_fee: constant(IDL.Nat, token.fee),
    icrc1_minting_account: constant(IDL.Opt(AccountType), token.minting === null ? [] : [token.minting]),
    icrc1_supported_standards: constant(IDL.Vec(IDL.Record({ name: IDL.Text, url: IDL.Text })), [STANDARD]),
    icrc1_metadata: constant(IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue)), [
      ['icrc1:name', { Text: token.name }],
      ['icrc1:symbol', { Text: token.symbol }],
      ['icrc1:decimals', { Nat: BigInt(token.decimals) }],
      ['icrc1:fee', { Nat: token.fee }],
    ]),
    icrc1_total_supply: candidMethod('query', null, IDL.Nat, (call) => new Ledger(call).supply),
    icrc1_balance_of: candidMethod('query', AccountType, IDL.Nat, (call, account: Account) =>
      new Ledger(call).balanceOf(token.keyOf(account)),
    ),
    icrc1_transfer: candidMethod(
      'update',
      TransferArg,
      IDL.Variant({ Ok: IDL.Nat, Err: TransferError }),
      (call, argument: TransferArgument) => transfer(token, call, argument),
    ),
  }
}

function transfer(token: Token, call: NativeCall, argument: TransferArgument): object {
  const {
    to,
    amount,
    fee: [givenFee],
    memo: [memo],
    created_at_time: [createdAtNs = null],
  } = argument
  const from = accountOf(call.caller, argument.from_subaccount)
  const mints = isMinting(token, from)
  const burns = isMinting(token, to)
  const fee = mints || burns ? 0n : token.fee
  if (givenFee !== undefined && givenFee !== fee) return { Err: { BadFee: { expected_fee: fee } } }
  if (memo !== undefined && memo.length > MEMO_BYTES_MAX) {
    return { Err: { GenericError: { error_code: 4n, message: 'the memo field is too large' } } }
  }
  const booked = new Ledger(call).book({
    from: mints ? null : token.keyOf(from),
    to: burns ? null : token.keyOf(to),
    amount,
    fee,
    memo: memo === undefined ? null : Buffer.from(memo).toString('hex'),
    createdAtNs,
    purpose: 'icrc1_transfer',
  })
  return typeof booked === 'bigint' ? { Ok: booked } : { Err: icrc1Error(booked) }
}

/** A failure in the words of ICRC-1, which later standards kept. */
export function icrc1Error(failure: Failure): object {
  switch (failure.kind) {
    case 'insufficientFunds':
      return { InsufficientFunds: { balance: failure.balance } }
    case 'tooOld':
      return { TooOld: null }
    case 'createdInFuture':
      return { CreatedInFuture: { ledger_time: failure.ledgerTimeNs } }
    case 'duplicate':
      return { Duplicate: { duplicate_of: failure.of } }
  }
}

export const isMinting = ({ minting, keyOf }: Token, account: Account): boolean =>
  minting !== null && keyOf(minting) === keyOf(account)

/** Holds what a network starts with, so that development accounts can be filled from it: anybody may use it. */
export const ANONYMOUS: Account = { owner: Principal.anonymous(), subaccount: [] }
