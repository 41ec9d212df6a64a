import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { candidMethod, type CandidMethod, candidText } from '../candid-method.ts'
import { type NativeCall, type NativeCanister } from '../native-canister.ts'
import {
  type Account,
  accountIdentifier,
  accountOf,
  AccountType,
  Blob,
  checkAccountIdentifier,
  type Opt,
} from './accounts.ts'
import { ANONYMOUS, icrc1Methods, isMinting, type Token } from './icrc1.ts'
import { type Block, type Failure, Ledger, TRANSACTION_WINDOW_NS } from './ledger.ts'

const E8S = 100_000_000n
const GENESIS_E8S = 1_000_000_000n * E8S
const BLOCKS_PER_QUERY_MAX = 2_000n

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const ICP: Token = {
  name: 'Internet Computer',
  symbol: 'ICP',
  decimals: 8,
  fee: 10_000n,
  // The governance canister; it does not exist here.
  minting: { owner: Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai'), subaccount: [] },
  keyOf: (account) => hex(accountIdentifier(account)),
}

const Tokens = IDL.Record({ e8s: IDL.Nat64 })
const TimeStamp = IDL.Record({ timestamp_nanos: IDL.Nat64 })
interface TokensValue {
  readonly e8s: bigint
}

const TransferArg = IDL.Record({
  memo: IDL.Nat64,
  amount: Tokens,
  fee: Tokens,
  from_subaccount: IDL.Opt(Blob),
  to: Blob,
  created_at_time: IDL.Opt(TimeStamp),
})
interface TransferArgument {
  readonly memo: bigint
  readonly amount: TokensValue
  readonly fee: TokensValue
  readonly from_subaccount: Opt<Uint8Array>
  readonly to: Uint8Array
  readonly created_at_time: Opt<{ readonly timestamp_nanos: bigint }>
}
const TransferResult = IDL.Variant({
  Ok: IDL.Nat64,
  Err: IDL.Variant({
    BadFee: IDL.Record({ expected_fee: Tokens }),
    InsufficientFunds: IDL.Record({ balance: Tokens }),
    TxTooOld: IDL.Record({ allowed_window_nanos: IDL.Nat64 }),
    TxCreatedInFuture: IDL.Null,
    TxDuplicate: IDL.Record({ duplicate_of: IDL.Nat64 }),
  }),
})

const Operation = IDL.Variant({
  Mint: IDL.Record({ to: Blob, amount: Tokens }),
  Burn: IDL.Record({ from: Blob, spender: IDL.Opt(Blob), amount: Tokens }),
  Transfer: IDL.Record({ from: Blob, to: Blob, amount: Tokens, fee: Tokens, spender: IDL.Opt(Blob) }),
})
const BlockType = IDL.Record({
  parent_hash: IDL.Opt(Blob),
  transaction: IDL.Record({
    memo: IDL.Nat64,
    icrc1_memo: IDL.Opt(Blob),
    operation: IDL.Opt(Operation),
    created_at_time: TimeStamp,
  }),
  timestamp: TimeStamp,
})
export const GetBlocksArgs = IDL.Record({ start: IDL.Nat64, length: IDL.Nat64 })
export const QueryBlocksResponse = IDL.Record({
  chain_length: IDL.Nat64,
  certificate: IDL.Opt(Blob),
  blocks: IDL.Vec(BlockType),
  first_block_index: IDL.Nat64,
})
/** What decoding `QueryBlocksResponse` yields, as far as it is read here. */
export interface QueryBlocksValue {
  readonly blocks: readonly {
    readonly transaction: {
      readonly memo: bigint
      readonly operation: Opt<{ readonly Transfer?: { readonly to: Uint8Array; readonly amount: TokensValue } }>
    }
  }[]
}

const METHODS: Record<string, CandidMethod> = {
  ...icrc1Methods(ICP),
  transfer: candidMethod('update', TransferArg, TransferResult, transfer),
  account_balance: candidMethod(
    'query',
    IDL.Record({ account: Blob }),
    Tokens,
    (call, { account }: { account: Uint8Array }) => ({
      e8s: new Ledger(call).balanceOf(hex(checkAccountIdentifier(account))),
    }),
  ),
  account_identifier: candidMethod('query', AccountType, Blob, (_, account: Account) => accountIdentifier(account)),
  query_blocks: candidMethod('query', GetBlocksArgs, QueryBlocksResponse, queryBlocks),
  symbol: candidMethod('query', null, IDL.Record({ symbol: IDL.Text }), () => ({ symbol: ICP.symbol })),
  name: candidMethod('query', null, IDL.Record({ name: IDL.Text }), () => ({ name: ICP.name })),
  decimals: candidMethod('query', null, IDL.Record({ decimals: IDL.Nat32 }), () => ({ decimals: ICP.decimals })),
  transfer_fee: candidMethod('query', IDL.Record({}), IDL.Record({ transfer_fee: Tokens }), () => ({
    transfer_fee: { e8s: ICP.fee },
  })),
}

/** A stand-in for the ICP ledger: accounts, transfers and blocks, as far as command lines and the cycles minting canister use them. */
export const ICP_LEDGER: NativeCanister & { readonly candid: string } = {
  candid: candidText(METHODS),
  methods: METHODS,
  init(call) {
    const to = ICP.keyOf(ANONYMOUS)
    new Ledger(call).book({
      from: null,
      to,
      amount: GENESIS_E8S,
      fee: 0n,
      memo: null,
      createdAtNs: null,
      purpose: 'genesis',
    })
  },
}

function transfer(call: NativeCall, argument: TransferArgument): object {
  const to = hex(checkAccountIdentifier(argument.to))
  const from = accountOf(call.caller, argument.from_subaccount)
  const mints = isMinting(ICP, from)
  const burns = ICP.minting !== null && ICP.keyOf(ICP.minting) === to
  const fee = mints || burns ? 0n : ICP.fee
  if (argument.fee.e8s !== fee) return { Err: { BadFee: { expected_fee: { e8s: fee } } } }
  const booked = new Ledger(call).book({
    from: mints ? null : ICP.keyOf(from),
    to: burns ? null : to,
    amount: argument.amount.e8s,
    fee,
    memo: argument.memo.toString(16).padStart(16, '0'),
    createdAtNs: argument.created_at_time[0]?.timestamp_nanos ?? null,
    purpose: 'transfer',
  })
  return typeof booked === 'bigint' ? { Ok: booked } : { Err: transferError(booked) }
}

function transferError(failure: Failure): object {
  switch (failure.kind) {
    case 'insufficientFunds':
      return { InsufficientFunds: { balance: { e8s: failure.balance } } }
    case 'tooOld':
      return { TxTooOld: { allowed_window_nanos: TRANSACTION_WINDOW_NS } }
    case 'createdInFuture':
      return { TxCreatedInFuture: null }
    case 'duplicate':
      return { TxDuplicate: { duplicate_of: failure.of } }
  }
}

function queryBlocks(call: NativeCall, { start, length }: { start: bigint; length: bigint }): object {
  const ledger = new Ledger(call)
  const count = length < BLOCKS_PER_QUERY_MAX ? length : BLOCKS_PER_QUERY_MAX
  const blocks: object[] = []
  for (let index = start; index < start + count; index++) {
    const block = ledger.block(index)
    if (block === null) break
    blocks.push(blockValue(block))
  }
  return { chain_length: ledger.blockCount, certificate: [], blocks, first_block_index: start }
}

function blockValue({ from, to, amount, fee, memo, createdAtNs, purpose, timeNs }: Block): object {
  const bytes = (account: string) => new Uint8Array(Buffer.from(account, 'hex'))
  const tokens = { e8s: amount }
  const operation =
    from === null
      ? { Mint: { to: bytes(to ?? ''), amount: tokens } }
      : to === null
        ? { Burn: { from: bytes(from), spender: [], amount: tokens } }
        : { Transfer: { from: bytes(from), to: bytes(to), amount: tokens, fee: { e8s: fee }, spender: [] } }
  const isLegacy = purpose === 'transfer' && memo !== null
  return {
    parent_hash: [],
    transaction: {
      memo: isLegacy ? BigInt(`0x${memo}`) : 0n,
      icrc1_memo: isLegacy || memo === null ? [] : [bytes(memo)],
      operation: [operation],
      created_at_time: { timestamp_nanos: createdAtNs ?? timeNs },
    },
    timestamp: { timestamp_nanos: timeNs },
  }
}
