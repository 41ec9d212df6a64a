import { developmentNetwork, type Network } from '@medguard/client'
import {
  type ArgOf,
  auditService,
  decodeRet,
  encodeArg,
  encodeDetail,
  encodeFields,
  encodeLeafInput,
  EVENT,
  type EventName,
  type FieldsOf,
  IDL,
  LOG_SOURCE,
  type Method,
  Principal,
  type RetOf,
} from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import type { Clinic, OkOf } from './clinic.ts'

// A log whose sources the test plays: two canisters that pass on what they are told stand in for consent and records.

type Audit = typeof auditService
type Name = keyof Audit

export interface Told<E extends EventName> {
  readonly event: E
  readonly fields?: Partial<FieldsOf<E>>
  readonly actor?: Principal
  /** Nobody's unless told. */
  readonly patientId?: Uint8Array
  readonly objectId?: Uint8Array
  readonly source?: 'consent' | 'records'
}
export interface LoneLog {
  readonly id: Principal
  /** Everything of the clinic's network, and this log. */
  readonly network: Network
  /** Puts one leaf at the end. */
  tell<E extends EventName>(told: Told<E>): Promise<void>
  ask<M extends Name>(sender: Principal, method: M, arg: ArgOf<Audit[M]>): Promise<RetOf<Audit[M]>>
  /** @throws Error for a refusal. */
  ok<M extends Name>(sender: Principal, method: M, arg: ArgOf<Audit[M]>): Promise<OkOf<RetOf<Audit[M]>>>
}

const NOBODY = new Uint8Array(16)
const Forwarded = IDL.Variant({ Reply: IDL.Vec(IDL.Nat8), Rejected: IDL.Nat32 })
export const idOfByte = (n: number): Uint8Array => new Uint8Array(16).fill(n)

export async function openLoneLog(clinic: Clinic): Promise<LoneLog> {
  const { operator, controller } = clinic
  const forwarder = await buildCanister('forwarder', { entry: 'test/canisters/forwarder.ts' })
  const sources = { consent: await operator.create(), records: await operator.create() }
  for (const source of Object.values(sources)) await operator.install(source, forwarder.wasm)
  const id = await operator.create()
  await operator.install(id, (await buildCanister('audit')).wasm)
  const next = { consent: 0n, records: 0n }

  const ask: LoneLog['ask'] = async (sender, name, arg) => {
    const method: Method<unknown, unknown> = auditService[name]
    const bytes = encodeArg(method, arg)
    if (method.mode === 'query') {
      const message = { sender: sender.toUint8Array(), canisterId: id.toUint8Array(), method: name, arg: bytes }
      const outcome = await clinic.host.query(message)
      if (outcome.kind === 'reject') throw new Error(outcome.reject.message)
      return decodeRet(method, outcome.reply) as RetOf<Audit[typeof name]>
    }
    const answer = await clinic.send(sender, id, name, bytes)
    if (answer.kind === 'reject') throw new Error(answer.reject.message)
    return decodeRet(method, answer.bytes) as RetOf<Audit[typeof name]>
  }
  const log: LoneLog = {
    id,
    network: {
      ...developmentNetwork(clinic.localnet.url),
      canisters: { ...developmentNetwork(clinic.localnet.url).canisters, audit: id.toText() },
    },
    ask,
    async ok(sender, name, arg) {
      const answer = (await ask(sender, name, arg)) as { Ok: never } | { Err: object }
      if ('Err' in answer) throw new Error(`${name} refused: ${Object.keys(answer.Err).join()}`)
      return answer.Ok
    },
    async tell({ event, fields = {}, actor, patientId = NOBODY, objectId = NOBODY, source = 'consent' }) {
      const head = {
        event: EVENT[event],
        source: LOG_SOURCE[source],
        sourceSeq: next[source]++,
        eventTimeNs: await clinic.nowNs(),
        requestId: NOBODY,
        purpose: 0,
      }
      const leaf = encodeLeafInput({
        event: head.event,
        flags: 0,
        compartmentKind: 0,
        actor: actor?.toUint8Array() ?? new Uint8Array(0),
        patientId,
        objectId,
        versionOrEpoch: 0,
        detail: encodeDetail(head, encodeFields(event, fields)),
        auditKey: event === 'enrol' ? new Uint8Array(32).fill(8) : null,
      })
      const arg = encodeArg(auditService.append, { firstSeq: head.sourceSeq, leaves: [leaf] })
      const forwarded = new Uint8Array(IDL.encode([IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8)], [id, 'append', arg]))
      const sent = await clinic.send(controller, sources[source], 'forward', forwarded)
      if (sent.kind === 'reject') throw new Error(sent.reject.message)
      const [inner] = IDL.decode([Forwarded], sent.bytes) as unknown as [{ Reply: Uint8Array } | { Rejected: number }]
      const answer = 'Reply' in inner ? decodeRet(auditService.append, new Uint8Array(inner.Reply)) : null
      if (answer === null || 'Err' in answer) throw new Error(`${event} was not taken: ${JSON.stringify(answer)}`)
    },
  }
  await log.ok(controller, 'configure', { ...sources, logShards: [] })
  return log
}

/** Somebody who never signs in. */
export const principalOf = (byte: number): Principal => Principal.fromUint8Array(new Uint8Array(29).fill(byte))
