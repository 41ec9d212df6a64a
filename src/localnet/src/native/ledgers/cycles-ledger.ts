import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import { ARGUMENTS, CanisterSettings, RESULTS, type SettingsArgs } from '../../management/candid.ts'
import { candidMethod, type CandidMethod, candidText, decode, encode, LATER } from '../candid-method.ts'
import { type NativeCall, type NativeCanister, NativeTrap, type ReceivedResponse } from '../native-canister.ts'
import { type Account, accountOf, AccountType, Blob, type Opt, subaccountBytes } from './accounts.ts'
import { ANONYMOUS, GenericError, icrc1Error, icrc1Methods, type Token } from './icrc1.ts'
import { Ledger, type Transaction } from './ledger.ts'

/** What the network starts with, in the anonymous account; `i128::MAX`, as in PocketIC. */
export const GENESIS_CYCLES = 2n ** 127n - 1n
const MANAGEMENT = new Uint8Array(0)

const TCYCLES: Token = {
  name: 'Trillion Cycles',
  symbol: 'TCYCLES',
  decimals: 12,
  fee: 100_000_000n,
  minting: null,
  keyOf: ({ owner, subaccount }) =>
    `${Buffer.from(owner.toUint8Array()).toString('hex')}.${Buffer.from(subaccountBytes(subaccount)).toString('hex')}`,
}

export const DepositArg = IDL.Record({ to: AccountType, memo: IDL.Opt(Blob) })
export const DepositResult = IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat })
interface DepositArgument {
  readonly to: Account
  readonly memo: Opt<Uint8Array>
}

const WithdrawArg = IDL.Record({
  amount: IDL.Nat,
  from_subaccount: IDL.Opt(Blob),
  to: IDL.Principal,
  created_at_time: IDL.Opt(IDL.Nat64),
})
interface WithdrawArgument {
  readonly amount: bigint
  readonly from_subaccount: Opt<Uint8Array>
  readonly to: Principal
  readonly created_at_time: Opt<bigint>
}
const RejectionCode = IDL.Variant({
  NoError: IDL.Null,
  CanisterError: IDL.Null,
  SysTransient: IDL.Null,
  DestinationInvalid: IDL.Null,
  Unknown: IDL.Null,
  SysFatal: IDL.Null,
  CanisterReject: IDL.Null,
})
const REJECTION_NAMES = {
  1: 'SysFatal',
  2: 'SysTransient',
  3: 'DestinationInvalid',
  4: 'CanisterReject',
  5: 'CanisterError',
  6: 'Unknown',
} as const
const WithdrawResult = IDL.Variant({
  Ok: IDL.Nat,
  Err: IDL.Variant({
    GenericError,
    TemporarilyUnavailable: IDL.Null,
    FailedToWithdraw: IDL.Record({
      fee_block: IDL.Opt(IDL.Nat),
      rejection_code: RejectionCode,
      rejection_reason: IDL.Text,
    }),
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
    BadFee: IDL.Record({ expected_fee: IDL.Nat }),
    InvalidReceiver: IDL.Record({ receiver: IDL.Principal }),
    CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
    TooOld: IDL.Null,
    InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  }),
})

const CreateArg = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
  amount: IDL.Nat,
  creation_args: IDL.Opt(
    IDL.Record({
      subnet_selection: IDL.Opt(
        IDL.Variant({
          Filter: IDL.Record({ subnet_type: IDL.Opt(IDL.Text) }),
          Subnet: IDL.Record({ subnet: IDL.Principal }),
        }),
      ),
      settings: IDL.Opt(CanisterSettings),
    }),
  ),
})
interface CreateArgument {
  readonly from_subaccount: Opt<Uint8Array>
  readonly created_at_time: Opt<bigint>
  readonly amount: bigint
  readonly creation_args: Opt<{ readonly subnet_selection: Opt<SubnetSelection>; readonly settings: Opt<SettingsArgs> }>
}
type SubnetSelection =
  | { readonly Subnet: { readonly subnet: Principal } }
  | { readonly Filter: { readonly subnet_type: Opt<string> } }
const CreateResult = IDL.Variant({
  Ok: IDL.Record({ block_id: IDL.Nat, canister_id: IDL.Principal }),
  Err: IDL.Variant({
    GenericError,
    TemporarilyUnavailable: IDL.Null,
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat, canister_id: IDL.Opt(IDL.Principal) }),
    CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
    FailedToCreate: IDL.Record({ error: IDL.Text, refund_block: IDL.Opt(IDL.Nat), fee_block: IDL.Opt(IDL.Nat) }),
    TooOld: IDL.Null,
    InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  }),
})

const METHODS: Record<string, CandidMethod> = {
  ...icrc1Methods(TCYCLES),
  deposit: candidMethod('update', DepositArg, DepositResult, deposit),
  withdraw: candidMethod('update', WithdrawArg, WithdrawResult, withdraw),
  create_canister: candidMethod('update', CreateArg, CreateResult, createCanister),
}

/**
 * A stand-in for the cycles ledger. Behind every balance lie cycles of this canister: what is withdrawn or spent on a new canister
 * leaves it, what is deposited comes with the call.
 */
export const CYCLES_LEDGER: NativeCanister & { readonly candid: string } = {
  candid: candidText(METHODS),
  methods: METHODS,
  init(call) {
    const to = TCYCLES.keyOf(ANONYMOUS)
    const amount = GENESIS_CYCLES
    new Ledger(call).book({ from: null, to, amount, fee: 0n, memo: null, createdAtNs: null, purpose: 'genesis' })
  },
  responses: { withdrawn, created },
}

function deposit(call: NativeCall, { to, memo: [memo] }: DepositArgument): object {
  const available = call.cyclesAvailable()
  // A deposit pays for its own block.
  if (available < TCYCLES.fee)
    throw new NativeTrap(`the deposit amount of ${available} is below the fee of ${TCYCLES.fee}`)
  const amount = call.acceptCycles(available) - TCYCLES.fee
  const ledger = new Ledger(call)
  const key = TCYCLES.keyOf(to)
  const index = ledger.book({
    from: null,
    to: key,
    amount,
    fee: 0n,
    memo: memo === undefined ? null : Buffer.from(memo).toString('hex'),
    createdAtNs: null,
    purpose: 'deposit',
  })
  return { balance: ledger.balanceOf(key), block_index: index }
}

/** Notes what an open call to the management canister was paid with, so that a failure can be made good. */
interface Payment {
  readonly account: string
  readonly amount: string
}

function pay(call: NativeCall, transaction: Transaction): bigint | object {
  const booked = new Ledger(call).book(transaction)
  if (typeof booked !== 'bigint') return { Err: icrc1Error(booked) }
  const payment: Payment = { account: transaction.from ?? '', amount: String(transaction.amount) }
  call.store.put(`open/${booked}`, Buffer.from(JSON.stringify(payment)))
  return booked
}

/** The fee stays, the amount goes back. @returns the block that says so. */
function refund(call: NativeCall, about: number): bigint {
  const { account, amount } = JSON.parse(Buffer.from(call.store.get(`open/${about}`) ?? '').toString()) as Payment
  const booked = new Ledger(call).book({
    from: null,
    to: account,
    amount: BigInt(amount),
    fee: 0n,
    memo: null,
    createdAtNs: null,
    purpose: 'refund',
  })
  if (typeof booked !== 'bigint') throw new NativeTrap('a refund is always booked')
  return booked
}

function withdraw(call: NativeCall, argument: WithdrawArgument): unknown {
  const {
    amount,
    to,
    created_at_time: [createdAtNs = null],
  } = argument
  const from = TCYCLES.keyOf(accountOf(call.caller, argument.from_subaccount))
  const purpose = `withdraw to ${to.toText()}`
  const booked = pay(call, { from, to: null, amount, fee: TCYCLES.fee, memo: null, createdAtNs, purpose })
  if (typeof booked !== 'bigint') return booked
  const arg = encode(ARGUMENTS.CanisterId, { canister_id: to })
  call.send({
    canisterId: MANAGEMENT,
    method: 'deposit_cycles',
    arg,
    cycles: amount,
    onAnswer: 'withdrawn',
    about: Number(booked),
  })
  return LATER
}

function withdrawn(call: NativeCall, { outcome, about }: ReceivedResponse): Uint8Array {
  if (outcome.kind === 'reject') refund(call, about)
  call.store.delete(`open/${about}`)
  if (outcome.kind === 'reply') return encode(WithdrawResult, { Ok: BigInt(about) })
  return encode(WithdrawResult, {
    Err: {
      FailedToWithdraw: {
        fee_block: [BigInt(about)],
        rejection_code: { [REJECTION_NAMES[outcome.reject.code]]: null },
        rejection_reason: outcome.reject.message,
      },
    },
  })
}

function createCanister(call: NativeCall, argument: CreateArgument): unknown {
  const {
    amount,
    created_at_time: [createdAtNs = null],
  } = argument
  const from = TCYCLES.keyOf(accountOf(call.caller, argument.from_subaccount))
  const [settings] = argument.creation_args[0]?.settings ?? []
  const subnet = selectedSubnet(call, argument.creation_args[0]?.subnet_selection[0])
  if (subnet === null) return noSuchSubnet
  const purpose = 'create_canister'
  const booked = pay(call, { from, to: null, amount, fee: TCYCLES.fee, memo: null, createdAtNs, purpose })
  if (typeof booked !== 'bigint') return withCanister(call, booked)
  const { owner } = accountOf(call.caller)
  const controllers = settings?.controllers[0] ?? [owner]
  const arg = encode(ARGUMENTS.CreateCanister, {
    settings: [{ ...NO_SETTINGS, ...settings, controllers: [controllers] }],
    sender_canister_version: [],
  })
  call.send({
    canisterId: subnet,
    method: 'create_canister',
    arg,
    cycles: amount,
    onAnswer: 'created',
    about: Number(booked),
  })
  return LATER
}

const noSuchSubnet = { Err: { GenericError: { message: 'This network has no such subnet.', error_code: 0n } } }

/** The id by which the subnet's management canister is called; this subnet's own unless another is asked for. */
function selectedSubnet({ subnets }: NativeCall, selection: SubnetSelection | undefined): Uint8Array | null {
  if (selection === undefined) return MANAGEMENT
  if ('Subnet' in selection) {
    const id = selection.Subnet.subnet.toUint8Array()
    return subnets.some((subnet) => Buffer.compare(subnet.id, id) === 0) ? id : null
  }
  const [kind] = selection.Filter.subnet_type
  if (kind === undefined) return MANAGEMENT
  return subnets.find((subnet) => subnet.kind === kind)?.id ?? null
}

function created(call: NativeCall, { outcome, about }: ReceivedResponse): Uint8Array {
  const block = BigInt(about)
  if (outcome.kind === 'reject') {
    const refundBlock = refund(call, about)
    call.store.delete(`open/${about}`)
    const failure = { error: outcome.reject.message, fee_block: [block], refund_block: [refundBlock] }
    return encode(CreateResult, { Err: { FailedToCreate: failure } })
  }
  const { canister_id: id } = decode(RESULTS.CanisterId, outcome.reply) as { canister_id: Principal }
  call.store.delete(`open/${about}`)
  call.store.put(`created/${about}`, id.toUint8Array())
  return encode(CreateResult, { Ok: { block_id: block, canister_id: id } })
}

/** A repeated creation is told which canister the first one made. */
function withCanister(call: NativeCall, failed: object): object {
  const { Duplicate: duplicate } = (failed as { Err: { Duplicate?: { duplicate_of: bigint } } }).Err
  if (duplicate === undefined) return failed
  const id = call.store.get(`created/${duplicate.duplicate_of}`)
  return { Err: { Duplicate: { ...duplicate, canister_id: id === null ? [] : [accountOf(id).owner] } } }
}

export const NO_SETTINGS: SettingsArgs = {
  controllers: [],
  compute_allocation: [],
  memory_allocation: [],
  freezing_threshold: [],
  reserved_cycles_limit: [],
  minimum_incoming_canister_call_cycles: [],
  wasm_memory_limit: [],
  wasm_memory_threshold: [],
  log_visibility: [],
  snapshot_visibility: [],
  status_visibility: [],
  log_memory_limit: [],
  environment_variables: [],
}
