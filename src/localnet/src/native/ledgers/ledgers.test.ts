import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  errorOf,
  MANAGEMENT,
  messageOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  settingsOf,
  type TestNetwork,
} from '../../state-machine/network.fixture.ts'
import { AT_FAR, AT_ROOT, SUBNETS } from '../../state-machine/subnets.fixture.ts'
import * as uc from '../../state-machine/universal-canister.fixture.ts'
import { canisterIdOf } from '../../subnets/index.ts'
import { createFaults } from '../../faults/index.ts'
import { openSimulation } from '../../simulation/index.ts'
import { CanisterSettings } from '../../management/candid.ts'
import { GENESIS, NATIVE_CANISTERS } from '../index.ts'
import { accountIdentifier, accountOf, AccountType, subaccountOfPrincipal } from './accounts.ts'
import { CYCLES_LEDGER_ID, CYCLES_MINTING_ID, ICP_LEDGER_ID } from './ids.ts'

const open = (saved?: ReadonlyMap<string, Uint8Array>, nowNs?: bigint) =>
  openNetwork(saved, nowNs, { natives: NATIVE_CANISTERS, genesis: GENESIS })

const ANONYMOUS = Principal.anonymous().toUint8Array()
const FEE = 100_000_000n
const ICP_FEE = 10_000n
const T = 1_000_000_000_000n
const Bytes = IDL.Vec(IDL.Nat8)
const OptBytes = IDL.Opt(Bytes)
const OptTime = IDL.Opt(IDL.Nat64)

let network: TestNetwork

beforeEach(() => {
  network = open()
})

/** Calls with a Candid argument. Decodes with the type the canister itself sends, so that nothing is skipped. */
function call(canisterId: Uint8Array, method: string, type: IDL.Type, value: unknown, sender: Uint8Array): unknown {
  const outcome = network.update(canisterId, IDL.encode([type], [value]), { method, sender })
  return decode(method, replyOf(outcome))
}

function ask(canisterId: Uint8Array, method: string, type: IDL.Type, value: unknown): unknown {
  return decode(method, replyOf(network.query(canisterId, IDL.encode([type], [value]), { method })))
}

const Result = (ok: IDL.Type, errors: Record<string, IDL.Type>) => IDL.Variant({ Ok: ok, Err: IDL.Variant(errors) })
const Tokens = IDL.Record({ e8s: IDL.Nat64 })
const ledgerErrors = {
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  TooOld: IDL.Null,
  CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
  InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text }),
  TemporarilyUnavailable: IDL.Null,
}
const notifyErrors = {
  Refunded: IDL.Record({ block_index: IDL.Opt(IDL.Nat64), reason: IDL.Text }),
  InvalidTransaction: IDL.Text,
  Other: IDL.Record({ error_message: IDL.Text, error_code: IDL.Nat64 }),
  Processing: IDL.Null,
  TransactionTooOld: IDL.Nat64,
}
const RESULTS: Record<string, IDL.Type> = {
  icrc1_balance_of: IDL.Nat,
  icrc1_total_supply: IDL.Nat,
  icrc1_transfer: Result(IDL.Nat, {
    ...ledgerErrors,
    BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }),
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
  }),
  deposit: IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat }),
  withdraw: Result(IDL.Nat, {
    ...ledgerErrors,
    FailedToWithdraw: IDL.Record({
      fee_block: IDL.Opt(IDL.Nat),
      rejection_code: IDL.Variant({
        NoError: IDL.Null,
        CanisterError: IDL.Null,
        SysTransient: IDL.Null,
        DestinationInvalid: IDL.Null,
        Unknown: IDL.Null,
        SysFatal: IDL.Null,
        CanisterReject: IDL.Null,
      }),
      rejection_reason: IDL.Text,
    }),
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
    InvalidReceiver: IDL.Record({ receiver: IDL.Principal }),
  }),
  create_canister: Result(IDL.Record({ block_id: IDL.Nat, canister_id: IDL.Principal }), {
    ...ledgerErrors,
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat, canister_id: IDL.Opt(IDL.Principal) }),
    FailedToCreate: IDL.Record({ error: IDL.Text, refund_block: IDL.Opt(IDL.Nat), fee_block: IDL.Opt(IDL.Nat) }),
  }),
  transfer: Result(IDL.Nat64, {
    BadFee: IDL.Record({ expected_fee: Tokens }),
    InsufficientFunds: IDL.Record({ balance: Tokens }),
    TxTooOld: IDL.Record({ allowed_window_nanos: IDL.Nat64 }),
    TxCreatedInFuture: IDL.Null,
    TxDuplicate: IDL.Record({ duplicate_of: IDL.Nat64 }),
  }),
  account_balance: Tokens,
  get_default_subnets: IDL.Vec(IDL.Principal),
  notify_mint_cycles: Result(IDL.Record({ balance: IDL.Nat, block_index: IDL.Nat, minted: IDL.Nat }), notifyErrors),
  notify_top_up: Result(IDL.Nat, notifyErrors),
  notify_create_canister: Result(IDL.Principal, notifyErrors),
}

function decode(method: string, bytes: Uint8Array): unknown {
  const type = RESULTS[method]
  if (type === undefined) throw new Error(`the test knows no result of ${method}`)
  const [value] = IDL.decode([type], bytes)
  return value
}

const TransferArg = IDL.Record({
  from_subaccount: OptBytes,
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: OptBytes,
  created_at_time: OptTime,
})
interface TransferOptions {
  readonly sender?: Uint8Array
  readonly fee?: [bigint]
  readonly createdAt?: bigint
}
const sendCycles = (to: Uint8Array, amount: bigint, { sender = ANONYMOUS, fee, createdAt }: TransferOptions = {}) =>
  call(
    CYCLES_LEDGER_ID,
    'icrc1_transfer',
    TransferArg,
    {
      from_subaccount: [],
      to: accountOf(to),
      amount,
      fee: fee ?? [],
      memo: [],
      created_at_time: createdAt === undefined ? [] : [createdAt],
    },
    sender,
  )
const balanceOf = (owner: Uint8Array, ledger = CYCLES_LEDGER_ID) =>
  ask(ledger, 'icrc1_balance_of', AccountType, accountOf(owner)) as bigint

const CreateArg = IDL.Record({
  from_subaccount: OptBytes,
  created_at_time: OptTime,
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
const createCanister = (
  sender: Uint8Array,
  amount: bigint,
  settings: object | null = null,
  createdAt?: bigint,
  selection?: object,
) =>
  call(
    CYCLES_LEDGER_ID,
    'create_canister',
    CreateArg,
    {
      from_subaccount: [],
      created_at_time: createdAt === undefined ? [] : [createdAt],
      amount,
      creation_args:
        settings === null
          ? []
          : [{ subnet_selection: selection === undefined ? [] : [selection], settings: [settingsOf(settings)] }],
    },
    sender,
  ) as { Ok?: { canister_id: Principal } }

const WithdrawArg = IDL.Record({
  amount: IDL.Nat,
  from_subaccount: OptBytes,
  to: IDL.Principal,
  created_at_time: OptTime,
})
const withdraw = (sender: Uint8Array, to: Uint8Array, amount: bigint) =>
  call(
    CYCLES_LEDGER_ID,
    'withdraw',
    WithdrawArg,
    { amount, from_subaccount: [], to: Principal.fromUint8Array(to), created_at_time: [] },
    sender,
  )

describe('the cycles ledger', () => {
  test('starts with all its cycles in the anonymous account', () => {
    expect(balanceOf(ANONYMOUS)).toBe(2n ** 127n - 1n)
    expect(ask(CYCLES_LEDGER_ID, 'icrc1_total_supply', IDL.Record({}), {})).toBe(2n ** 127n - 1n)
  })

  test('moves cycles from the account of the caller and of nobody else, for a fee', () => {
    expect(sendCycles(ALICE, 10n * T)).toEqual({ Ok: 1n })
    expect(sendCycles(BOB, 4n * T, { sender: ALICE })).toEqual({ Ok: 2n })
    expect(balanceOf(ALICE)).toBe(6n * T - FEE)
    expect(balanceOf(BOB)).toBe(4n * T)
    expect(sendCycles(ALICE, 4n * T, { sender: BOB })).toEqual({ Err: { InsufficientFunds: { balance: 4n * T } } })
    expect(sendCycles(BOB, 1n, { sender: ALICE, fee: [1n] })).toEqual({ Err: { BadFee: { expected_fee: FEE } } })
    expect(ask(CYCLES_LEDGER_ID, 'icrc1_total_supply', IDL.Record({}), {})).toBe(2n ** 127n - 1n - 2n * FEE)
  })

  test('books a dated transfer once, and only within its time', () => {
    const now = network.machine.timeNs()
    expect(sendCycles(ALICE, T, { createdAt: now })).toEqual({ Ok: 1n })
    expect(sendCycles(ALICE, T, { createdAt: now })).toEqual({ Err: { Duplicate: { duplicate_of: 1n } } })
    expect(sendCycles(ALICE, T, { createdAt: now + 1n })).toEqual({ Ok: 2n })
    expect(sendCycles(ALICE, T, { createdAt: now + 61n * SECOND_NS })).toMatchObject({
      Err: { CreatedInFuture: {} },
    })
    network.pass(86_400n * SECOND_NS + 61n * SECOND_NS)
    expect(sendCycles(ALICE, T, { createdAt: now })).toEqual({ Err: { TooOld: null } })
    expect(balanceOf(ALICE)).toBe(2n * T)
  })

  test('creates a canister of the caller with the cycles of the caller', () => {
    sendCycles(ALICE, 10n * T)
    const created = createCanister(ALICE, 2n * T).Ok?.canister_id.toUint8Array() ?? MANAGEMENT
    expect(network.machine.canister(created)?.controllers.map((id) => [...id])).toEqual([[...ALICE]])
    expect(network.statusOf(created).cycles).toBeLessThanOrEqual(2n * T - T / 2n)
    expect(network.statusOf(created).cycles).toBeGreaterThan(T)
    expect(balanceOf(ALICE)).toBe(8n * T - FEE)
  })

  test('gives the canister the controllers that are asked for', () => {
    const controllers = [[Principal.fromUint8Array(BOB)]]
    const created = createCanister(ANONYMOUS, 2n * T, {
      controllers: controllers[0] === undefined ? [] : [controllers[0]],
    })
    const id = created.Ok?.canister_id.toUint8Array() ?? MANAGEMENT
    expect(network.machine.canister(id)?.controllers.map((given) => [...given])).toEqual([[...BOB]])
  })

  test('tells a repeated creation which canister the first one made', () => {
    const now = network.machine.timeNs()
    const first = createCanister(ANONYMOUS, 2n * T, null, now)
    expect(createCanister(ANONYMOUS, 2n * T, null, now)).toEqual({
      Err: { Duplicate: { duplicate_of: 1n, canister_id: [first.Ok?.canister_id] } },
    })
    expect(network.machine.canisterIds()).toHaveLength(1)
  })

  test('creates a canister on the subnet that is asked for, or says that there is none', () => {
    network = openNetwork(undefined, undefined, { natives: NATIVE_CANISTERS, genesis: GENESIS, ...SUBNETS })
    const created = (selection: object) =>
      (createCanister(ANONYMOUS, 2n * T, {}, undefined, selection).Ok?.canister_id ?? null)?.toUint8Array()
    const [root, , far] = SUBNETS.topology.map(({ id }) => Principal.fromUint8Array(id))
    expect(created({ Subnet: { subnet: far } })).toEqual(canisterIdOf(AT_FAR))
    expect(created({ Subnet: { subnet: root } })).toEqual(canisterIdOf(AT_ROOT))
    expect(created({ Filter: { subnet_type: ['application'] } })).toEqual(canisterIdOf(AT_ROOT + 1n))
    expect(created({ Filter: { subnet_type: [] } })).toEqual(canisterIdOf(AT_ROOT + 2n))
    const before = balanceOf(ANONYMOUS)
    const nowhere = { Err: { GenericError: { message: 'This network has no such subnet.', error_code: 0n } } }
    for (const selection of [
      { Subnet: { subnet: Principal.anonymous() } },
      { Filter: { subnet_type: ['fiduciary'] } },
    ]) {
      expect(createCanister(ANONYMOUS, 2n * T, {}, undefined, selection)).toEqual(nowhere)
    }
    expect(balanceOf(ANONYMOUS)).toBe(before)
  })

  test('gives back what a canister that could not be created had cost, but for the fee', () => {
    sendCycles(ALICE, 2n * T)
    expect(createCanister(ALICE, T / 10n)).toMatchObject({
      Err: {
        FailedToCreate: {
          error: expect.stringContaining('500000000000') as string,
          fee_block: [2n],
          refund_block: [3n],
        },
      },
    })
    expect(balanceOf(ALICE)).toBe(2n * T - FEE)
    expect(createCanister(ALICE, 3n * T)).toEqual({ Err: { InsufficientFunds: { balance: 2n * T - FEE } } })
  })

  test('tops up a canister, and gives back what could not arrive', () => {
    const canister = network.create()
    const before = network.statusOf(canister).cycles
    sendCycles(ALICE, 9n * T)
    expect(withdraw(ALICE, canister, 4n * T)).toEqual({ Ok: 2n })
    expect(network.statusOf(canister).cycles).toBeGreaterThan(before + 3n * T)
    expect(withdraw(ALICE, ALICE, 4n * T)).toMatchObject({
      Err: { FailedToWithdraw: { fee_block: [3n], rejection_code: { DestinationInvalid: null } } },
    })
    expect(balanceOf(ALICE)).toBe(5n * T - 2n * FEE)
  })

  test('takes deposits of canisters, less the fee', () => {
    const canister = network.install(uc.universalWasm())
    const DepositArg = IDL.Record({ to: AccountType, memo: OptBytes })
    const deposit = uc.call({
      callee: CYCLES_LEDGER_ID,
      method: 'deposit',
      payload: IDL.encode([DepositArg], [{ to: accountOf(ALICE), memo: [] }]),
      cycles: 7n * T,
      onReply: uc.program(uc.sayArgument, uc.reply),
      onReject: uc.program(uc.sayReject, uc.reply),
    })
    const reply = replyOf(network.update(canister, uc.program(deposit)))
    expect(decode('deposit', reply)).toEqual({ balance: 7n * T - FEE, block_index: 1n })
    expect(balanceOf(ALICE)).toBe(7n * T - FEE)
    const direct = { method: 'deposit', sender: ALICE }
    const bare = network.update(
      CYCLES_LEDGER_ID,
      IDL.encode([DepositArg], [{ to: accountOf(ALICE), memo: [] }]),
      direct,
    )
    expect(messageOf(bare)).toContain('below the fee')
  })

  test('is in nobody’s hands, and not among the canisters of the users', () => {
    expect(network.machine.canisterIds()).toEqual([])
    expect(network.machine.canister(CYCLES_LEDGER_ID)?.controllers).toEqual([])
    const CanisterId = IDL.Record({ canister_id: IDL.Principal })
    const target = { canister_id: Principal.fromUint8Array(CYCLES_LEDGER_ID) }
    expect(() => network.manage('stop_canister', CanisterId, target)).toThrow('IC0512')
  })

  test.each([
    ['no Candid', Uint8Array.of(1, 2, 3)],
    ['nothing', new Uint8Array(0)],
    [
      'four billion empty values in fourteen bytes',
      Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 1, 0x6d, 0x7f, 1, 0, 255, 255, 255, 255, 15),
    ],
    ['another type', IDL.encode([IDL.Text], ['give'])],
    [
      'a subaccount of the wrong size',
      IDL.encode(
        [IDL.Record({ owner: IDL.Principal, subaccount: OptBytes })],
        [{ owner: Principal.anonymous(), subaccount: [[1]] }],
      ),
    ],
  ])('answers %s with a reject', (_, arg) => {
    expect(errorOf(network.query(CYCLES_LEDGER_ID, arg, { method: 'icrc1_balance_of' }))).toBe('IC0503')
    expect(errorOf(network.update(CYCLES_LEDGER_ID, arg, { method: 'icrc1_transfer' }))).toBe('IC0503')
  })
})

const LegacyArg = IDL.Record({
  memo: IDL.Nat64,
  amount: Tokens,
  fee: Tokens,
  from_subaccount: OptBytes,
  to: Bytes,
  created_at_time: IDL.Opt(IDL.Record({ timestamp_nanos: IDL.Nat64 })),
})
const sendIcp = (to: Uint8Array, e8s: bigint, { memo = 0n, sender = ANONYMOUS, fee = ICP_FEE, createdAt = 0n } = {}) =>
  call(
    ICP_LEDGER_ID,
    'transfer',
    LegacyArg,
    {
      memo,
      amount: { e8s },
      fee: { e8s: fee },
      from_subaccount: [],
      to,
      created_at_time: createdAt === 0n ? [] : [{ timestamp_nanos: createdAt }],
    },
    sender,
  )
const icpAccount = (owner: Uint8Array) => accountIdentifier(accountOf(owner))

describe('the ICP ledger', () => {
  test('knows one account by owner and by identifier', () => {
    expect(Buffer.from(icpAccount(ANONYMOUS)).toString('hex')).toBe(
      '1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79',
    )
    expect(sendIcp(icpAccount(ALICE), 500n)).toEqual({ Ok: 1n })
    expect(balanceOf(ALICE, ICP_LEDGER_ID)).toBe(500n)
    expect(
      ask(ICP_LEDGER_ID, 'account_balance', IDL.Record({ account: Bytes }), { account: icpAccount(ALICE) }),
    ).toEqual({
      e8s: 500n,
    })
  })

  test('refuses a wrong fee, too little and a wrong checksum, and books a dated transfer once', () => {
    expect(sendIcp(icpAccount(ALICE), 1n, { fee: 1n })).toEqual({ Err: { BadFee: { expected_fee: { e8s: ICP_FEE } } } })
    expect(sendIcp(icpAccount(BOB), 1n, { sender: ALICE })).toEqual({
      Err: { InsufficientFunds: { balance: { e8s: 0n } } },
    })
    expect(() => sendIcp(new Uint8Array(32), 1n)).toThrow('the account identifier is not valid')
    const dated = { createdAt: network.machine.timeNs() }
    expect(sendIcp(icpAccount(ALICE), 1n, dated)).toEqual({ Ok: 1n })
    expect(sendIcp(icpAccount(ALICE), 1n, dated)).toEqual({ Err: { TxDuplicate: { duplicate_of: 1n } } })
  })
})

const MintArg = IDL.Record({ block_index: IDL.Nat64, deposit_memo: OptBytes, to_subaccount: OptBytes })
const mint = (block: bigint, sender: Uint8Array) =>
  call(
    CYCLES_MINTING_ID,
    'notify_mint_cycles',
    MintArg,
    { block_index: block, deposit_memo: [], to_subaccount: [] },
    sender,
  )
const mintingAccount = (of: Uint8Array) => accountIdentifier(accountOf(CYCLES_MINTING_ID, [subaccountOfPrincipal(of)]))

describe('the cycles minting canister', () => {
  const [MINT, TOP_UP, CREATE] = [0x544e_494dn, 0x5055_5054n, 0x4145_5243n]

  test('names the subnet of this network', () => {
    const subnets = ask(CYCLES_MINTING_ID, 'get_default_subnets', IDL.Record({}), {}) as Principal[]
    expect(subnets).toHaveLength(1)
  })

  test('mints cycles for a transfer, once', () => {
    sendIcp(icpAccount(ALICE), 1_000_000_000n)
    const sent = sendIcp(mintingAccount(ALICE), 200_000_000n, { memo: MINT, sender: ALICE })
    expect(sent).toEqual({ Ok: 2n })
    const minted = { Ok: { balance: 7n * T - FEE, block_index: 1n, minted: 7n * T } }
    expect(mint(2n, ALICE)).toEqual(minted)
    expect(mint(2n, ALICE)).toEqual(minted)
    expect(balanceOf(ALICE)).toBe(7n * T - FEE)
  })

  test('mints for nobody but the one who has paid, and only for what was paid for', () => {
    sendIcp(mintingAccount(ALICE), 200_000_000n, { memo: MINT })
    sendIcp(mintingAccount(ALICE), 200_000_000n, { memo: TOP_UP })
    sendIcp(icpAccount(ALICE), 200_000_000n, { memo: MINT })
    for (const [block, who] of [
      [1n, BOB],
      [2n, ALICE],
      [3n, ALICE],
      [99n, ALICE],
      [0n, ANONYMOUS],
      [2n ** 63n, ALICE],
    ] as const) {
      expect(mint(block, who)).toMatchObject({ Err: { InvalidTransaction: expect.any(String) as string } })
    }
    expect(balanceOf(BOB)).toBe(0n)
    expect(mint(1n, ALICE)).toMatchObject({ Ok: { minted: 7n * T } })
  })

  test('tops up a canister', () => {
    const canister = network.create({}, 0n)
    sendIcp(mintingAccount(canister), 200_000_000n, { memo: TOP_UP })
    const TopUpArg = IDL.Record({ block_index: IDL.Nat64, canister_id: IDL.Principal })
    const argument = { block_index: 1n, canister_id: Principal.fromUint8Array(canister) }
    expect(call(CYCLES_MINTING_ID, 'notify_top_up', TopUpArg, argument, BOB)).toEqual({ Ok: 7n * T })
    expect(network.statusOf(canister).cycles).toBeGreaterThan(6n * T)
  })

  test('creates a canister for its payer', () => {
    const CreateWith = IDL.Record({
      block_index: IDL.Nat64,
      controller: IDL.Principal,
      settings: IDL.Opt(CanisterSettings),
    })
    sendIcp(mintingAccount(ALICE), 200_000_000n, { memo: CREATE })
    const argument = { block_index: 1n, controller: Principal.fromUint8Array(ALICE), settings: [] }
    expect(call(CYCLES_MINTING_ID, 'notify_create_canister', CreateWith, argument, BOB)).toMatchObject({
      Err: { InvalidTransaction: expect.any(String) as string },
    })
    const created = call(CYCLES_MINTING_ID, 'notify_create_canister', CreateWith, argument, ALICE) as { Ok: Principal }
    expect(network.machine.canister(created.Ok.toUint8Array())?.controllers.map((id) => [...id])).toEqual([[...ALICE]])
  })
})

describe('a network with ledgers', () => {
  test('has them whatever goes wrong on purpose from the start', () => {
    const faults = createFaults('genesis')
    faults.add({ kind: 'trapAtInstruction', at: 1 })
    const simulation = openSimulation({ seed: 'genesis', faults })
    const arg = IDL.encode([AccountType], [accountOf(ANONYMOUS)])
    const outcome = simulation
      .machine()
      .query({ sender: ALICE, canisterId: CYCLES_LEDGER_ID, method: 'icrc1_balance_of', arg })
    expect(decode('icrc1_balance_of', replyOf(outcome))).toBe(2n ** 127n - 1n)
    return simulation.host.close()
  })

  test('is made of a saved one that had none, and keeps its balances when restored', () => {
    const before = openNetwork()
    const canister = before.install(uc.universalWasm())
    before.save()
    network = open(before.saved, before.machine.timeNs())
    expect(network.machine.canisterIds()).toEqual([canister])
    sendCycles(ALICE, T)
    network.save()
    network = open(network.saved, network.machine.timeNs())
    expect(balanceOf(ALICE)).toBe(T)
    expect(balanceOf(ANONYMOUS)).toBe(2n ** 127n - 1n - T - FEE)
  })

  test('creates the first canister of the users at the id it has without ledgers', () => {
    expect(createCanister(ANONYMOUS, 2n * T).Ok?.canister_id.toUint8Array()).toEqual(openNetwork().create())
  })

  test('finishes what was under way when it was restored', () => {
    const arg = IDL.encode(
      [WithdrawArg],
      [{ amount: T, from_subaccount: [], to: Principal.fromUint8Array(ALICE), created_at_time: [] }],
    )
    const id = network.send(CYCLES_LEDGER_ID, arg, { method: 'withdraw', sender: ANONYMOUS })
    network.machine.run(1)
    network.save()
    network = open(network.saved, network.machine.timeNs())
    network.settle()
    const status = network.status(id)
    expect(status?.status === 'replied' ? decode('withdraw', status.reply) : status).toMatchObject({
      Err: { FailedToWithdraw: {} },
    })
    expect(balanceOf(ANONYMOUS)).toBe(2n ** 127n - 1n - FEE)
  })
})
