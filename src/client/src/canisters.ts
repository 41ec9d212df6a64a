import { HttpAgent, type Identity } from '@dfinity/agent'
import {
  type ArgOf,
  type AuditService,
  auditService,
  type ConsentService,
  consentService,
  decodeRet,
  encodeArg,
  guardCandid,
  type Method,
  Principal,
  type RecordsService,
  recordsService,
  type RetOf,
  type Service,
} from '@medguard/protocol'
import { Fault, type HostingReport } from './api.ts'
import { type Answer, askProven, askQuery, askUpdate, type ProvenAnswer } from './ask.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { faultOf } from './fault-of.ts'
import { readHosting } from './hosting.ts'
import { logIds, type Network, type Trust } from './network.ts'

/** The methods of a service as functions of their one argument. Whatever is thrown is a `Fault`. */
export type Calls<S> = { readonly [K in keyof S]: (arg: ArgOf<S[K]>) => Promise<RetOf<S[K]>> }

export interface Canisters {
  readonly consent: Calls<ConsentService>
  readonly records: Calls<RecordsService>
  readonly audit: Calls<AuditService>
  /** The same with another canister of the log, by its number, in place of the first. @throws Fault `UnknownLog` for one that nobody told this device of. */
  atLog(shard: number): Canisters
  /** Where they are, as the network certifies. */
  hosting(): Promise<HostingReport>
  /** An update of the log, answered together with what proves the answer to others. */
  proven<M extends keyof AuditService>(
    method: M,
    arg: ArgOf<AuditService[M]>,
  ): Promise<{ readonly value: RetOf<AuditService[M]>; readonly arg: Uint8Array; readonly answer: ProvenAnswer }>
  /**
   * The network's clock as of its newest answer to an update of this client; zero before the first. Such an answer names the request it
   * belongs to, so nobody in between can replay an old one; the agent's own idea of the time can be moved by whoever answers for the network.
   */
  certifiedNs(): bigint
}

/** The largest honest page, 50 grants of 20 compartments each, takes 8,000 steps. */
const REPLY_STEPS_MAX = 20_000

/**
 * Certificates and query signatures are checked against the pinned root key, and replies go past the guard before they are decoded.
 *
 * @param expectOpen throws once the client is locked: nothing is sent then, and what comes back is dropped.
 */
export function connect(identity: Identity, network: Network, expectOpen: () => void): Canisters {
  const agent = agentOf(identity, network)
  let certifiedNs = 0n

  const note = (answer: Answer): void => {
    if (answer.certifiedNs !== null && answer.certifiedNs > certifiedNs) certifiedNs = answer.certifiedNs
  }
  const callsOf = <S extends Service>(service: S, canister: string): Calls<S> =>
    callsTo(agent, network, { service, canister, expectOpen, note })
  const provenBy =
    (canister: string): Canisters['proven'] =>
    async (methodName, arg) => {
      expectOpen()
      const method: Method<unknown, unknown> = auditService[methodName]
      const question = { canisterId: Principal.fromText(canister), methodName, arg: encodeArg(method, arg) }
      try {
        const answer = await askProven(agent, network, question)
        note(answer)
        const value = replyOf(method, answer.reply) as RetOf<AuditService[typeof methodName]>
        expectOpen()
        return { value, arg: question.arg, answer }
      } catch (error) {
        throw faultOf(error, method.mode)
      }
    }
  const [audit, ...shards] = logIds(network).map((id) => ({
    audit: callsOf(auditService, id),
    proven: provenBy(id),
  })) as [LogCalls, ...LogCalls[]]
  const canisters: Canisters = {
    async hosting() {
      expectOpen()
      return readHosting(agent, network)
    },
    ...audit,
    atLog(shard) {
      if (shard === 0) return canisters
      const log = shards[shard - 1]
      if (log === undefined)
        throw new Fault('UnknownLog', `the log has a canister ${shard} that the network file lacks`)
      return { ...canisters, ...log }
    },
    consent: callsOf(consentService, network.canisters.consent),
    records: callsOf(recordsService, network.canisters.records),
    certifiedNs: () => certifiedNs,
  }
  return canisters
}
type LogCalls = Pick<Canisters, 'audit' | 'proven'>

/** Checks what it is answered against the pinned root key. */
export const agentOf = (identity: Identity, { url, rootKey }: Pick<Network, 'url' | 'rootKey'>): HttpAgent =>
  HttpAgent.createSync({
    identity,
    host: url,
    rootKey,
    fetch: boundedFetch,
    verifyQuerySignatures: true,
    useQueryNonces: true, // a node signs the nonce too: an old answer fits no new question
  })

export interface Callee<S> {
  readonly service: S
  /** Text. */
  readonly canister: string
  readonly expectOpen: () => void
  readonly note: (answer: Answer) => void
}

export function callsTo<S extends Service>(
  agent: HttpAgent,
  trust: Trust,
  { service, canister, expectOpen, note }: Callee<S>,
): Calls<S> {
  const canisterId = Principal.fromText(canister)
  const calls = Object.entries(service).map(([methodName, method]) => {
    const call = async (arg: unknown): Promise<unknown> => {
      expectOpen()
      const question = { canisterId, methodName, arg: encodeArg(method, arg) }
      let value: unknown
      try {
        const answer = await (method.mode === 'query' ? askQuery(agent, question) : askUpdate(agent, trust, question))
        note(answer)
        value = replyOf(method, answer.reply)
      } catch (error) {
        throw faultOf(error, method.mode)
      }
      expectOpen()
      return value
    }
    return [methodName, call] as const
  })
  return Object.fromEntries(calls) as Calls<S>
}

/** The library trusts lengths: nineteen bytes can make it take a gigabyte. So the guard looks first, at a canister's reply as at a caller's argument. */
export function replyOf(method: Method<unknown, unknown>, reply: Uint8Array): unknown {
  const bytes = new Uint8Array(reply) // the library reads a view from the beginning of its buffer
  const refused = guardCandid(bytes, 1, Math.min(REPLY_STEPS_MAX, 64 + bytes.length))
  if (refused !== null) throw new Fault('BadReply', `a reply was refused before it was read: ${refused}`)
  try {
    return decodeRet(method, bytes)
  } catch (cause) {
    throw new Fault('BadReply', 'a reply is not of its method’s type', { cause })
  }
}
