import { Actor, HttpAgent, type Identity } from '@dfinity/agent'
import {
  type ArgOf,
  type AuditService,
  auditService,
  type ConsentService,
  consentService,
  idlFactoryOf,
  Principal,
  type RecordsService,
  recordsService,
  type RetOf,
  type Service,
} from '@medguard/protocol'
import { Fault } from './api.ts'
import { faultOf } from './fault-of.ts'
import type { Network } from './network.ts'

/** The methods of a service as functions of their one argument. Whatever is thrown is a `Fault`. */
export type Calls<S> = { readonly [K in keyof S]: (arg: ArgOf<S[K]>) => Promise<RetOf<S[K]>> }

export interface Canisters {
  readonly agent: HttpAgent
  readonly consent: Calls<ConsentService>
  readonly records: Calls<RecordsService>
  readonly audit: Calls<AuditService>
}

/** Certificates and query signatures are checked by the agent against the pinned root key. */
export function connect(identity: Identity, network: Network): Canisters {
  const agent = HttpAgent.createSync({
    identity,
    host: network.url,
    rootKey: network.rootKey,
    verifyQuerySignatures: true,
  })
  return {
    agent,
    consent: callsOf(consentService, network.canisters.consent, agent),
    records: callsOf(recordsService, network.canisters.records, agent),
    audit: callsOf(auditService, network.canisters.audit, agent),
  }
}

function callsOf<S extends Service>(service: S, canisterId: string, agent: HttpAgent): Calls<S> {
  const actor = Actor.createActor(idlFactoryOf(service), { agent, canisterId: Principal.fromText(canisterId) })
  const calls = Object.entries(service).map(([name, method]) => {
    const send = actor[name]
    if (send === undefined) throw new Fault('BadReply', `no method ${name}`)
    const call = async (arg: unknown): Promise<unknown> => {
      try {
        return await (method.arg.did === '' ? send() : send(arg))
      } catch (error) {
        throw faultOf(error, method.mode)
      }
    }
    return [name, call] as const
  })
  return Object.fromEntries(calls) as Calls<S>
}
