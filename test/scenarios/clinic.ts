import { createHash, randomBytes } from 'node:crypto'
import { Actor, HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { createClient, developmentNetwork, type HeadMemory, type MedGuardClient } from '@medguard/client'
import { checkSignature } from '@medguard/client/node'
import {
  type Host,
  type Localnet,
  type Meters,
  type Reject,
  startLocalnet,
  type SubnetOptions,
} from '@medguard/localnet'
import {
  type ArgOf,
  auditService,
  consentService,
  type Council,
  decodeRet,
  encodeArg,
  idlFactoryOf,
  IDL,
  type Method,
  Principal,
  recordsService,
  type RefusalArm,
  refusalOf,
  type RefusalKind,
  type RetOf,
} from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { freezeDate } from './frozen-date.ts'
import { directOperator, type Operator } from './management.ts'

// A whole MedGuard on a network of its own: three canisters, people with identities, and a clock that the test moves.

export const SERVICES = { consent: consentService, records: recordsService, audit: auditService } as const
export type Services = typeof SERVICES
export type CanisterName = keyof Services
/** In the order of their creation, from which their ids follow. */
export const CANISTER_NAMES = ['consent', 'records', 'audit'] as const satisfies readonly CanisterName[]

export type MethodName<C extends CanisterName> = keyof Services[C] & string
export type Arg<C extends CanisterName, M extends MethodName<C>> = ArgOf<Services[C][M]>
export type Ret<C extends CanisterName, M extends MethodName<C>> = RetOf<Services[C][M]>

export type RawAnswer =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'reject'; readonly reject: Reject }

/** Whose name stands on a message: a principal, or a canister that passes it on. */
export type Sender = Principal | 'canister'

/** A network's answer that is no reply. */
export class Rejected extends Error {
  override readonly name = 'Rejected'
  readonly reject: Reject
  constructor(reject: Reject) {
    super(`${reject.errorCode}: ${reject.message}`)
    this.reject = reject
  }
}

export interface Person {
  readonly name: string
  readonly identity: Ed25519KeyIdentity
  readonly principal: Principal
  readonly client: MedGuardClient
  /** A client that knows nothing yet, as after signing in again. */
  newClient(headMemory?: HeadMemory): MedGuardClient
}

export interface ClinicOptions {
  /** `manual`, the default, stands still until `advance`, and this process' `Date` with it. */
  readonly clock?: 'manual' | 'real'
  /** Folder that keeps the network; null, the default, keeps nothing. */
  readonly stateDir?: string | null
  /** Default `dfx_test_key`. */
  readonly keyName?: string
  /** Default 10,000: tests ask for many keys. */
  readonly derivationsPerHour?: number
  /** Beside the root subnet; none, the default, puts everything there. Each canister is created on the subnet that has its id. */
  readonly subnets?: readonly SubnetOptions[]
  /** Names of people who are to be the first council, and how many of them have to agree. None, the default: nobody is verified, and nobody has to be. */
  readonly council?: { readonly members: readonly string[]; readonly threshold: number }
  /** Plain modules instead of pre-initialised ones. */
  readonly plain?: boolean
}

export interface Clinic {
  readonly localnet: Localnet
  readonly host: Host
  readonly operator: Operator
  /** Controls the canisters. */
  readonly controller: Principal
  readonly ids: Readonly<Record<CanisterName, Principal>>
  /** The same person for the same name. */
  person(name: string): Person
  /** A typed call, straight into the network. @throws Rejected when there is no reply. */
  call<C extends CanisterName, M extends MethodName<C>>(
    sender: Sender,
    canister: C,
    method: M,
    arg: Arg<C, M>,
  ): Promise<Ret<C, M>>
  /** The `Ok` value of a typed call. @throws Error for a refusal. */
  ok<C extends CanisterName, M extends MethodName<C>>(
    sender: Sender,
    canister: C,
    method: M,
    arg: Arg<C, M>,
  ): Promise<OkOf<Ret<C, M>>>
  /** A typed call through the released agent, signed and over HTTP, as the client makes them. */
  overHttp<C extends CanisterName, M extends MethodName<C>>(
    person: Person,
    canister: C,
    method: M,
    arg: Arg<C, M>,
  ): Promise<Ret<C, M>>
  /** Argument bytes as they are, to a canister of the clinic or to any other. Queries go as queries unless a canister sends. */
  send(sender: Sender, canister: CanisterName | Principal, method: string, arg: Uint8Array): Promise<RawAnswer>
  /** Everything that ran while `work` did, in order. */
  metered<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly parts: Meters['parts'] }>
  meters(): Promise<Meters['parts']>
  nowNs(): Promise<bigint>
  /** Moves the clock and runs what falls due. */
  advance(byNs: bigint): Promise<void>
  dump(canister: CanisterName): ReturnType<Host['dump']>
  stop(canister: CanisterName): Promise<void>
  start(canister: CanisterName): Promise<void>
  /** Stops, installs the module (the present sources unless given) and starts. */
  upgrade(canister: CanisterName, wasm?: Uint8Array, arg?: Uint8Array): Promise<void>
  close(): Promise<void>
}
/** What helpers that only send messages need: they serve any network that takes them. */
export type Calls = Pick<Clinic, 'call' | 'ok' | 'ids'>
export type OkOf<R> = R extends { Ok: infer T } ? T : never

const INGRESS_EXPIRY_NS = 240_000_000_000n
const WAIT_MS = 60_000

export async function openClinic(options: ClinicOptions = {}): Promise<Clinic> {
  const {
    clock = 'manual',
    stateDir = null,
    keyName = 'dfx_test_key',
    derivationsPerHour = 10_000,
    subnets = [],
    plain = false,
  } = options
  const modules = await Promise.all(CANISTER_NAMES.map((name) => buildCanister(name, { plain })))
  const localnet = await startLocalnet({ port: 0, stateDir, clock, subnets })
  const { host } = localnet
  const date = clock === 'manual' ? freezeDate(Number((await host.timeNs()) / 1_000_000n)) : null
  try {
    const network = { ...developmentNetwork(localnet.url), checkSignature }
    const controller = identityOf('controller')
    const deliver = deliverTo(host)
    const operator = directOperator(localnet, async (subnetId, method, arg) => {
      const answer = await deliver('update', controller.getPrincipal(), MANAGEMENT, method, arg, subnetId)
      if (answer.kind === 'reject') throw new Rejected(answer.reject)
      return answer.bytes
    })
    const create = (name: CanisterName) => operator.create(Principal.fromText(network.canisters[name]))
    const ids = { consent: await create('consent'), records: await create('records'), audit: await create('audit') }
    const { consent, records, audit } = ids
    for (const [i, name] of CANISTER_NAMES.entries()) {
      if (ids[name].toText() !== network.canisters[name]) throw new Error(`${name} is ${ids[name].toText()}`)
      await operator.install(ids[name], (modules[i] as { wasm: Uint8Array }).wasm)
    }

    const people = new Map<string, Person>()
    let forwarder: Promise<Principal> | null = null
    const installForwarder = async () => {
      const { wasm } = await buildCanister('forwarder', { entry: 'test/canisters/forwarder.ts' })
      const id = await operator.create()
      await operator.install(id, wasm)
      return id
    }

    const send: Clinic['send'] = async (sender, canister, method, arg) => {
      const canisterId = typeof canister === 'string' ? ids[canister] : canister
      if (sender === 'canister') {
        const forwarded = new Uint8Array(
          IDL.encode([IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8)], [canisterId, method, arg]),
        )
        const via = await (forwarder ??= installForwarder())
        return unforward(await deliver('update', controller.getPrincipal(), via, 'forward', forwarded))
      }
      const mode = typeof canister === 'string' ? methodOf(canister, method).mode : 'update'
      return deliver(mode, sender, canisterId, method, arg)
    }
    const call: Clinic['call'] = async (sender, canister, name, arg) => {
      const method = methodOf(canister, name)
      const answer = await send(sender, canister, name, encodeArg(method, arg))
      if (answer.kind === 'reject') throw new Rejected(answer.reject)
      return decodeRet(method, answer.bytes) as Ret<typeof canister, typeof name>
    }

    const clinic: Clinic = {
      localnet,
      host,
      operator,
      controller: controller.getPrincipal(),
      ids,
      person(name) {
        const known = people.get(name)
        if (known !== undefined) return known
        const person = createPerson(name, (identity, headMemory) =>
          createClient({ identity, network, ...(headMemory === undefined ? {} : { headMemory }) }),
        )
        people.set(name, person)
        return person
      },
      send,
      call,
      async ok(sender, canister, method, arg) {
        const answer = (await call(sender, canister, method, arg)) as { Ok: never } | { Err: RefusalArm }
        if ('Err' in answer) throw new Error(`${method} of ${canister} refused: ${kindOf(answer)}`)
        return answer.Ok
      },
      async overHttp(person, canister, method, arg) {
        const agent = HttpAgent.createSync({ host: localnet.url, rootKey: network.rootKey, identity: person.identity })
        const options = { agent, canisterId: ids[canister] }
        const actor = Actor.createActor<Record<string, (...args: readonly unknown[]) => Promise<never>>>(
          idlFactoryOf(SERVICES[canister]),
          options,
        )
        const send = actor[method]
        if (send === undefined) throw new Error(`${canister} has no method ${method}`)
        return methodOf(canister, method).arg.did === '' ? send() : send(arg)
      },
      async metered(work) {
        await host.meters()
        const value = await work()
        return { value, parts: await host.meters() }
      },
      meters: () => host.meters(),
      nowNs: () => host.timeNs(),
      async advance(byNs) {
        if (date === null) throw new Error('only a manual clock can be moved')
        await host.advance(byNs)
        date.set(Number((await host.timeNs()) / 1_000_000n))
      },
      dump: (canister) => host.dump(ids[canister].toUint8Array()),
      stop: (canister) => operator.stop(ids[canister]),
      start: (canister) => operator.start(ids[canister]),
      async upgrade(canister, wasm, arg) {
        const module = wasm ?? (await buildCanister(canister)).wasm
        await operator.stop(ids[canister])
        await operator.install(ids[canister], module, 'upgrade', arg)
        await operator.start(ids[canister])
      },
      async close() {
        date?.restore()
        await localnet.close()
      },
    }
    // The log first: the others announce their configuration to it.
    await clinic.ok(clinic.controller, 'audit', 'configure', { consent, records, logShards: [] })
    const council: [] | [Council] =
      options.council === undefined
        ? []
        : [{ ...options.council, members: options.council.members.map((name) => clinic.person(name).principal) }]
    const shared = { audit, council, logShards: [] as [] }
    await clinic.ok(clinic.controller, 'consent', 'configure', { ...shared, records, keyName, derivationsPerHour })
    await clinic.ok(clinic.controller, 'records', 'configure', { ...shared, consent })
    return clinic
  } catch (error) {
    date?.restore()
    await localnet.close()
    throw error
  }
}

/** `Ok`, or the kind of the refusal. */
export function kindOf(answer: unknown): 'Ok' | RefusalKind {
  const arms = answer as { Ok: unknown } | { Err: RefusalArm }
  return 'Err' in arms ? refusalOf(arms.Err).kind : 'Ok'
}

/** 16 fresh bytes: an id of a request, grant or record. */
export const freshId = (): Uint8Array => new Uint8Array(randomBytes(16))

export function methodOf(canister: CanisterName, name: string): Method<unknown, unknown> {
  const methods: Readonly<Record<string, Method<unknown, unknown>>> = SERVICES[canister]
  const method = methods[name]
  if (method === undefined) throw new Error(`${canister} has no method ${name}`)
  return method
}

/** Every method of the three canisters. */
export const ALL_METHODS: readonly (readonly [canister: CanisterName, method: string])[] = CANISTER_NAMES.flatMap(
  (canister) => Object.keys(SERVICES[canister]).map((method) => [canister, method] as const),
)

const MANAGEMENT = Principal.managementCanister()
const identityOf = (name: string): Ed25519KeyIdentity =>
  Ed25519KeyIdentity.generate(new Uint8Array(createHash('sha256').update(`medguard clinic ${name}`).digest()))

function createPerson(
  name: string,
  createFor: (identity: Ed25519KeyIdentity, headMemory?: HeadMemory) => MedGuardClient,
): Person {
  const identity = identityOf(name)
  const newClient = (headMemory?: HeadMemory) => createFor(identity, headMemory)
  return { name, identity, principal: identity.getPrincipal(), client: newClient(), newClient }
}

const deliverTo =
  (host: Host) =>
  async (
    mode: 'update' | 'query',
    sender: Principal,
    canisterId: Principal,
    method: string,
    arg: Uint8Array,
    subnetId?: Uint8Array,
  ): Promise<RawAnswer> => {
    const message = { sender: sender.toUint8Array(), canisterId: canisterId.toUint8Array(), method, arg }
    if (mode === 'query') {
      const outcome = await host.query(message)
      return outcome.kind === 'reply' ? { kind: 'reply', bytes: outcome.reply } : outcome
    }
    const ingressExpiryNs = (await host.timeNs()) + INGRESS_EXPIRY_NS
    const requestId = new Uint8Array(randomBytes(32))
    const place = subnetId === undefined ? {} : { subnetId }
    const answer = await host.call({ ...message, ...place, requestId, ingressExpiryNs }, WAIT_MS)
    if (answer.kind === 'refused') return { kind: 'reject', reject: answer.reject }
    const { state } = answer.request
    if (state.status === 'replied') return { kind: 'reply', bytes: state.reply }
    if (state.status === 'rejected') return { kind: 'reject', reject: state.reject }
    throw new Error(`${method} has no answer: ${state.status}`)
  }

const Forwarded = IDL.Variant({ Reply: IDL.Vec(IDL.Nat8), Rejected: IDL.Nat32 })

function unforward(answer: RawAnswer): RawAnswer {
  if (answer.kind === 'reject') return answer
  const [inner] = IDL.decode([Forwarded], answer.bytes) as unknown as [{ Reply: Uint8Array } | { Rejected: number }]
  if ('Reply' in inner) return { kind: 'reply', bytes: new Uint8Array(inner.Reply) }
  const code = inner.Rejected as Reject['code']
  return { kind: 'reject', reject: { code, message: 'rejected behind the forwarder', errorCode: '' } }
}
