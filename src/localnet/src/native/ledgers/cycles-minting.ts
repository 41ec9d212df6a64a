import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { ARGUMENTS, CanisterSettings, RESULTS, type SettingsArgs } from '../../management/candid.ts'
import { candidMethod, type CandidMethod, candidText, decode, encode, LATER } from '../candid-method.ts'
import { type NativeCall, type NativeCanister, NativeTrap, type ReceivedResponse } from '../native-canister.ts'
import { accountIdentifier, accountOf, Blob, type Opt, subaccountOfPrincipal } from './accounts.ts'
import { DepositArg, DepositResult, NO_SETTINGS } from './cycles-ledger.ts'
import { GetBlocksArgs, QueryBlocksResponse, type QueryBlocksValue } from './icp-ledger.ts'
import { CYCLES_LEDGER_ID, ICP_LEDGER_ID } from './ids.ts'

/** Ten-thousandths of an XDR for one ICP; a trillion cycles cost one XDR, so this is also the cycles for 10⁻⁸ ICP. */
const XDR_PERMYRIAD_PER_ICP = 35_000n

/** What a transfer's memo says it is for: the letters, little endian. */
const MEMOS = { mint: 0x544e_494dn, create: 0x4145_5243n, topUp: 0x5055_5054n } as const
type Purpose = keyof typeof MEMOS

const NotifyError = IDL.Variant({
  Refunded: IDL.Record({ block_index: IDL.Opt(IDL.Nat64), reason: IDL.Text }),
  InvalidTransaction: IDL.Text,
  Other: IDL.Record({ error_message: IDL.Text, error_code: IDL.Nat64 }),
  Processing: IDL.Null,
  TransactionTooOld: IDL.Nat64,
})
const MintArg = IDL.Record({ block_index: IDL.Nat64, deposit_memo: IDL.Opt(Blob), to_subaccount: IDL.Opt(Blob) })
interface MintArgument {
  readonly block_index: bigint
  readonly deposit_memo: Opt<Uint8Array>
  readonly to_subaccount: Opt<Uint8Array>
}
const Minted = IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat, minted: IDL.Nat })
const CreateArg = IDL.Record({
  block_index: IDL.Nat64,
  controller: IDL.Principal,
  settings: IDL.Opt(CanisterSettings),
})
interface CreateArgument {
  readonly block_index: bigint
  readonly controller: Principal
  readonly settings: Opt<SettingsArgs>
}
const TopUpArg = IDL.Record({ block_index: IDL.Nat64, canister_id: IDL.Principal })
interface TopUpArgument {
  readonly block_index: bigint
  readonly canister_id: Principal
}
const RESULT: Record<Purpose, IDL.Type> = {
  mint: IDL.Variant({ Ok: Minted, Err: NotifyError }),
  create: IDL.Variant({ Ok: IDL.Principal, Err: NotifyError }),
  topUp: IDL.Variant({ Ok: IDL.Nat, Err: NotifyError }),
}

const Rate = IDL.Record({
  certificate: Blob,
  data: IDL.Record({ xdr_permyriad_per_icp: IDL.Nat64, timestamp_seconds: IDL.Nat64 }),
  hash_tree: Blob,
})

const METHODS: Record<string, CandidMethod> = {
  get_default_subnets: candidMethod('query', null, IDL.Vec(IDL.Principal), ({ subnetId }) => [
    Principal.fromUint8Array(subnetId),
  ]),
  get_icp_xdr_conversion_rate: candidMethod('query', null, Rate, ({ timeNs }) => ({
    // Uncertified: the rate is made up.
    certificate: new Uint8Array(0),
    hash_tree: new Uint8Array(0),
    data: { xdr_permyriad_per_icp: XDR_PERMYRIAD_PER_ICP, timestamp_seconds: timeNs / 1_000_000_000n },
  })),
  notify_mint_cycles: candidMethod('update', MintArg, RESULT.mint, (call, argument: MintArgument) =>
    begin(call, argument.block_index, {
      purpose: 'mint',
      forWhom: call.caller,
      method: 'deposit',
      arg: encode(DepositArg, { to: accountOf(call.caller, argument.to_subaccount), memo: argument.deposit_memo }),
    }),
  ),
  notify_create_canister: candidMethod('update', CreateArg, RESULT.create, (call, argument: CreateArgument) => {
    const [settings] = argument.settings
    if (Buffer.compare(argument.controller.toUint8Array(), call.caller) !== 0) {
      return { Err: { InvalidTransaction: 'Notify creating canister for another principal is not allowed' } }
    }
    const controllers = settings?.controllers[0] ?? [argument.controller]
    return begin(call, argument.block_index, {
      purpose: 'create',
      forWhom: call.caller,
      method: 'create_canister',
      arg: encode(ARGUMENTS.CreateCanister, {
        settings: [{ ...NO_SETTINGS, ...settings, controllers: [controllers] }],
        sender_canister_version: [],
      }),
    })
  }),
  notify_top_up: candidMethod('update', TopUpArg, RESULT.topUp, (call, argument: TopUpArgument) =>
    begin(call, argument.block_index, {
      purpose: 'topUp',
      forWhom: argument.canister_id.toUint8Array(),
      method: 'deposit_cycles',
      arg: encode(ARGUMENTS.CanisterId, { canister_id: argument.canister_id }),
    }),
  ),
}

/**
 * A stand-in for the cycles minting canister: for ICP that were sent to it, it mints cycles, tops up a canister or creates one. Each
 * transfer counts once; asking again gets the first answer.
 */
export const CYCLES_MINTING: NativeCanister & { readonly candid: string } = {
  candid: candidText(METHODS),
  methods: METHODS,
  responses: { blockRead, paid },
}

/** What is asked for a transfer, stored under `notified/<block>` from the first notification on. */
interface Notified {
  readonly purpose: Purpose
  /** Principal bytes, hex: whose subaccount the ICP must have gone to. */
  readonly forWhom: string
  readonly method: string
  /** Hex. */
  readonly arg: string
  readonly cycles: string
  /** The reply once there is one, hex. */
  readonly answer: string | null
}

interface Wanted {
  readonly purpose: Purpose
  readonly forWhom: Uint8Array
  readonly method: string
  readonly arg: Uint8Array
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

function begin(call: NativeCall, block: bigint, { purpose, forWhom, method, arg }: Wanted): unknown {
  if (block >= 2n ** 32n) return { Err: { InvalidTransaction: `There is no block ${block}` } }
  const known = notified(call, Number(block))
  if (known !== null) {
    if (known.answer === null) return { Err: { Processing: null } }
    if (known.purpose !== purpose || known.forWhom !== hex(forWhom)) {
      return { Err: { InvalidTransaction: `Block ${block} was notified for something else` } }
    }
    // Of the same type, since the purpose is the same.
    return decode(RESULT[purpose], bytesOf(known.answer))
  }
  remember(call, Number(block), { purpose, forWhom: hex(forWhom), method, arg: hex(arg), cycles: '0', answer: null })
  call.send({
    canisterId: ICP_LEDGER_ID,
    method: 'query_blocks',
    arg: encode(GetBlocksArgs, { start: block, length: 1n }),
    cycles: 0n,
    onAnswer: 'blockRead',
    about: Number(block),
  })
  return LATER
}

function blockRead(call: NativeCall, { outcome, about }: ReceivedResponse): Uint8Array | null {
  const asked = requireNotified(call, about)
  const refuse = (why: string) => {
    // Whoever the transfer was really for may still come.
    call.store.delete(`notified/${about}`)
    return encode(RESULT[asked.purpose], { Err: { InvalidTransaction: why } })
  }
  if (outcome.kind === 'reject') return refuse(outcome.reject.message)
  const [block] = (decode(QueryBlocksResponse, outcome.reply) as QueryBlocksValue).blocks
  const transfer = block?.transaction.operation[0]?.Transfer
  if (block === undefined || transfer === undefined) return refuse(`Block ${about} is no transfer`)
  const [subaccount, expectedMemo] = [subaccountOfPrincipal(bytesOf(asked.forWhom)), MEMOS[asked.purpose]]
  const account = accountIdentifier(accountOf(call.self, [subaccount]))
  if (Buffer.compare(Uint8Array.from(transfer.to), account) !== 0) {
    return refuse(`Destination account in the block (${hex(Uint8Array.from(transfer.to))}) is not ${hex(account)}`)
  }
  if (block.transaction.memo !== expectedMemo) {
    return refuse(`The memo in the block, ${block.transaction.memo}, is not ${expectedMemo}`)
  }
  const cycles = transfer.amount.e8s * XDR_PERMYRIAD_PER_ICP
  remember(call, about, { ...asked, cycles: String(cycles) })
  const canisterId = asked.purpose === 'mint' ? CYCLES_LEDGER_ID : new Uint8Array(0)
  call.send({ canisterId, method: asked.method, arg: bytesOf(asked.arg), cycles, onAnswer: 'paid', about })
  return null
}

function paid(call: NativeCall, { outcome, about }: ReceivedResponse): Uint8Array {
  const asked = requireNotified(call, about)
  const type = RESULT[asked.purpose]
  if (outcome.kind === 'reject') {
    // The ICP stay with the transfer: the same block may be notified again.
    call.store.delete(`notified/${about}`)
    return encode(type, { Err: { Other: { error_message: outcome.reject.message, error_code: 1n } } })
  }
  const answer = encode(type, { Ok: resultOf(asked, outcome.reply) })
  remember(call, about, { ...asked, answer: hex(answer) })
  return answer
}

function resultOf({ purpose, cycles }: Notified, reply: Uint8Array): unknown {
  switch (purpose) {
    case 'mint':
      return { ...(decode(DepositResult, reply) as object), minted: BigInt(cycles) }
    case 'create':
      return (decode(RESULTS.CanisterId, reply) as { canister_id: Principal }).canister_id
    case 'topUp':
      return BigInt(cycles)
  }
}

function notified({ store }: NativeCall, block: number): Notified | null {
  const stored = store.get(`notified/${block}`)
  return stored === null ? null : (JSON.parse(Buffer.from(stored).toString()) as Notified)
}

function requireNotified(call: NativeCall, block: number): Notified {
  const known = notified(call, block)
  if (known === null) throw new NativeTrap(`nobody has notified block ${block}`)
  return known
}

function remember({ store }: NativeCall, block: number, value: Notified): void {
  store.put(`notified/${block}`, Buffer.from(JSON.stringify(value)))
}
