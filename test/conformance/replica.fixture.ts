// The network under test, spoken to by HTTP alone. `MEDGUARD_CONFORMANCE_URL=http://host:port` points the suite at any replica of a
// development network, one that knows `provisional_create_canister_with_cycles`; without it every file starts a localnet of its own.
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type LocalnetOptions, startLocalnet } from '@medguard/localnet'
import { type Certificate, type Path, readCertificate, verify } from './certificate.fixture.ts'
import { ed25519 } from './keys.fixture.ts'
import {
  decodeResult,
  encodeArgument,
  idFromText,
  type Method,
  settingsOf,
  type Status,
  textOfId,
} from './management.fixture.ts'
import {
  ANONYMOUS,
  envelope,
  type Fields,
  fromCbor,
  fromLeb128,
  hashOfMap,
  type Identity,
  identityOf,
  MANAGEMENT,
  nowNs,
  SECOND_NS,
  selfAuthenticating,
  utf8,
} from './request.fixture.ts'

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Uint8Array; readonly certified: boolean }
  | {
      readonly kind: 'reject'
      readonly code: number
      readonly message: string
      readonly errorCode: string
      readonly certified: boolean
    }
  /** An HTTP error: nothing was accepted. */
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
  readonly text: string
}

export interface CallOptions {
  readonly method?: string
  readonly as?: Identity
  /** Of the endpoint; v2 answers before the call has run. */
  readonly version?: 2 | 3 | 4
  readonly fields?: Fields
  readonly change?: Fields
  /** Effective canister id, when it is not the one of the request. */
  readonly at?: Uint8Array
}

/** A canister id that every development network has in its range. */
const ANY_CANISTER = idFromText(process.env['MEDGUARD_CONFORMANCE_CANISTER'] ?? 'rwlgt-iiaaa-aaaaa-aaaaa-cai')
/** Checking a signature costs more than most calls do. Files that are about certificates check each. */
const VERIFIED_ONE_IN = 10
const POLL_MS = 20
const POLLS_MAX = 1500
const CBOR = { 'content-type': 'application/cbor' }

export type Replica = Awaited<ReturnType<typeof openReplica>>

/**
 * @param verify which certificates the released agent checks besides us: each, or the first and every tenth after it.
 * @param options for the localnet that is started where no endpoint is given.
 */
export async function openReplica({ verify: checks = 'some', ...options }: ReplicaOptions = {}) {
  const given = process.env['MEDGUARD_CONFORMANCE_URL']
  const localnet = given === undefined ? await startLocalnet({ port: 0, ...options }) : null
  const url = (given ?? localnet?.url ?? '').replace(/\/$/, '')
  const status = fieldsOf(await send('GET', `${url}/api/v2/status`))
  const rootKey = bytesIn(status, 'root_key')
  const owner = identityOf(ed25519())
  let certificates = 0
  async function check(bytes: Uint8Array, canisterId: Uint8Array): Promise<void> {
    if (certificates++ % VERIFIED_ONE_IN === 0 || checks === 'each') await verify(bytes, rootKey, canisterId)
  }

  async function post(
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = CBOR,
  ): Promise<Answer> {
    return send('POST', url + path, body, headers)
  }

  async function readState(
    paths: readonly Path[],
    { as = owner, at = ANY_CANISTER, version = 3, kind = 'canister', fields = {}, change = {} }: ReadOptions = {},
  ): Promise<Certificate | Extract<Outcome, { kind: 'refused' }>> {
    const content = {
      request_type: 'read_state',
      sender: as.principal,
      ingress_expiry: nowNs() + 60n * SECOND_NS,
      paths: paths.map((path) => path.map((part) => (typeof part === 'string' ? utf8(part) : part))),
      ...fields,
    }
    const answer = await post(`/api/v${version}/${kind}/${textOfId(at)}/read_state`, envelope(content, as, change))
    if (answer.status !== 200) return { kind: 'refused', status: answer.status, text: answer.text }
    const bytes = bytesIn(fieldsOf(answer), 'certificate')
    await check(bytes, at)
    return readCertificate(bytes)
  }

  /** What the state tree says of a request; undefined until it is terminal. */
  function outcomeIn(certificate: Certificate, requestId: Uint8Array): Outcome | undefined {
    const at = (field: string) => {
      const found = certificate.lookup(['request_status', requestId, field])
      return typeof found === 'object' ? found.found : undefined
    }
    const state = text(at('status'))
    if (state === 'replied') return { kind: 'reply', reply: at('reply') ?? new Uint8Array(0), certified: true }
    if (state !== 'rejected') return undefined
    return {
      kind: 'reject',
      code: Number(fromLeb128(at('reject_code') ?? new Uint8Array(0))),
      message: text(at('reject_message')),
      errorCode: text(at('error_code')),
      certified: true,
    }
  }

  /** Waits for the end of a request that was accepted. */
  async function settled(requestId: Uint8Array, as: Identity, at: Uint8Array): Promise<Outcome> {
    for (let polls = 0; polls < POLLS_MAX; polls++) {
      const certificate = await readState([['request_status', requestId]], { as, at })
      if ('kind' in certificate) return certificate
      const outcome = outcomeIn(certificate, requestId)
      if (outcome !== undefined) return outcome
      await pause(POLL_MS)
    }
    throw new Error('the request does not end')
  }

  const callContent = (
    canisterId: Uint8Array,
    arg: Uint8Array,
    { method = 'run', as = owner, fields = {} }: CallOptions,
  ): Fields => ({
    request_type: 'call',
    sender: as.principal,
    nonce: new Uint8Array(randomBytes(16)),
    ingress_expiry: nowNs() + 240n * SECOND_NS,
    canister_id: canisterId,
    method_name: method,
    arg,
    ...fields,
  })

  /** Calls and waits for the end. */
  async function update(canisterId: Uint8Array, arg: Uint8Array, options: CallOptions = {}): Promise<Outcome> {
    return submit(callContent(canisterId, arg, options), options)
  }

  async function submit(content: Fields, { as = owner, version = 4, at, change }: CallOptions = {}): Promise<Outcome> {
    const effective = at ?? (content['canister_id'] instanceof Uint8Array ? content['canister_id'] : ANY_CANISTER)
    const answer = await post(`/api/v${version}/canister/${textOfId(effective)}/call`, envelope(content, as, change))
    if (answer.status === 202) return settled(hashOfMap(content), as, effective)
    if (answer.status !== 200) return { kind: 'refused', status: answer.status, text: answer.text }
    const fields = fieldsOf(answer)
    if (!fields.has('certificate')) return rejectIn(fields)
    const bytes = bytesIn(fields, 'certificate')
    await check(bytes, effective)
    return outcomeIn(readCertificate(bytes), hashOfMap(content)) ?? settled(hashOfMap(content), as, effective)
  }

  async function query(canisterId: Uint8Array, arg: Uint8Array, options: CallOptions = {}): Promise<Outcome> {
    const { method = 'ask', as = owner, version = 3, at = canisterId, change } = options
    const content = {
      ...callContent(canisterId, arg, { ...options, method }),
      request_type: 'query',
      ...options.fields,
    }
    const answer = await post(
      `/api/v${version === 2 ? 2 : 3}/canister/${textOfId(at)}/query`,
      envelope(content, as, change),
    )
    if (answer.status !== 200) return { kind: 'refused', status: answer.status, text: answer.text }
    const fields = fieldsOf(answer)
    if (fields.get('status') === 'rejected') return rejectIn(fields)
    const reply = fields.get('reply')
    if (!(reply instanceof Map)) throw new Error('a replied query has a reply')
    return { kind: 'reply', reply: bytesIn(reply, 'arg'), certified: false }
  }

  /** A call of the management canister by a user. @param arg fields of the argument, or its bytes. */
  async function manage(method: Method, arg: object | Uint8Array = {}, options: CallOptions = {}): Promise<Outcome> {
    const target = 'canister_id' in arg ? arg.canister_id : 'target_canister' in arg ? arg.target_canister : undefined
    const at = target instanceof Uint8Array ? target : ANY_CANISTER
    const bytes = arg instanceof Uint8Array ? arg : encodeArgument(method, arg)
    return update(MANAGEMENT, bytes, { at, ...options, method })
  }

  async function create(
    settings: Readonly<Record<string, unknown>> = {},
    amount?: bigint,
    as = owner,
  ): Promise<Uint8Array> {
    const outcome = await manage(
      'provisional_create_canister_with_cycles',
      { settings: [settingsOf(settings)], amount: amount === undefined ? [] : [amount] },
      { as },
    )
    const created = decodeResult('provisional_create_canister_with_cycles', replyOf(outcome)) as {
      canister_id: { toUint8Array(): Uint8Array }
    }
    return created.canister_id.toUint8Array()
  }

  const install = (
    canisterId: Uint8Array,
    wasm: Uint8Array,
    {
      mode = { install: null },
      arg = new Uint8Array(0),
      ...options
    }: CallOptions & { mode?: object; arg?: Uint8Array } = {},
  ): Promise<Outcome> => manage('install_code', { mode, canister_id: canisterId, wasm_module: wasm, arg }, options)

  return {
    url,
    rootKey,
    owner,
    /** Root subnet. */
    subnetId: selfAuthenticating(rootKey),
    status,
    post,
    readState,
    update,
    submit,
    callContent,
    query,
    manage,
    create,
    install,
    settled,
    /** A canister with a module, and the owner as its controller. */
    async deploy(
      wasm: Uint8Array,
      settings: Readonly<Record<string, unknown>> = {},
      amount?: bigint,
    ): Promise<Uint8Array> {
      const id = await create(settings, amount)
      replyOf(await install(id, wasm))
      return id
    },
    async statusOf(canisterId: Uint8Array): Promise<Status> {
      return decodeResult(
        'canister_status',
        replyOf(await manage('canister_status', { canister_id: canisterId })),
      ) as Status
    },
    async logsOf(canisterId: Uint8Array, as = owner): Promise<string[]> {
      const arg = encodeArgument('fetch_canister_logs', { canister_id: canisterId })
      const outcome = await query(MANAGEMENT, arg, { method: 'fetch_canister_logs', at: canisterId, as })
      const { canister_log_records: records } = decodeResult('fetch_canister_logs', replyOf(outcome)) as {
        canister_log_records: { content: Uint8Array }[]
      }
      return records.map(({ content }) => text(content))
    },
    close: async () => localnet?.close(),
  }
}

interface ReplicaOptions extends LocalnetOptions {
  readonly verify?: 'each' | 'some'
}

interface ReadOptions {
  readonly as?: Identity
  readonly at?: Uint8Array
  readonly version?: 2 | 3
  readonly kind?: 'canister' | 'subnet'
  readonly fields?: Fields
  readonly change?: Fields
}

async function send(
  method: string,
  url: string,
  body?: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: new Uint8Array(body) }) })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  return { status: answer.status, headers: answer.headers, body: bytes, text: text(bytes) }
}

export function fieldsOf(answer: Answer): ReadonlyMap<string, unknown> {
  const decoded = fromCbor(answer.body)
  if (!(decoded instanceof Map)) throw new Error(`no map in the answer: ${answer.status} ${answer.text}`)
  return decoded as ReadonlyMap<string, unknown>
}

export function bytesIn(fields: ReadonlyMap<unknown, unknown>, name: string): Uint8Array {
  const value = fields.get(name)
  if (!(value instanceof Uint8Array)) throw new Error(`${name} is not there`)
  return value
}

function rejectIn(fields: ReadonlyMap<string, unknown>): Outcome {
  return {
    kind: 'reject',
    code: Number(fields.get('reject_code')),
    message: String(fields.get('reject_message')),
    errorCode: String(fields.get('error_code')),
    certified: false,
  }
}

export const text = (bytes: Uint8Array = new Uint8Array(0)): string => Buffer.from(bytes).toString('utf8')

/** @throws Error for anything but a reply. */
export function replyOf(outcome: Outcome): Uint8Array {
  if (outcome.kind === 'reply') return outcome.reply
  throw new Error(
    outcome.kind === 'refused' ? `HTTP ${outcome.status}: ${outcome.text}` : `${outcome.errorCode}: ${outcome.message}`,
  )
}
export const textOf = (outcome: Outcome): string => text(replyOf(outcome))
export const numberOf = (outcome: Outcome, at = 0): number => Buffer.from(replyOf(outcome)).readUInt32LE(at)
export const longOf = (outcome: Outcome, at = 0): bigint => Buffer.from(replyOf(outcome)).readBigUInt64LE(at)
/** 16 bytes, little endian. */
export const amountOf = (outcome: Outcome, at = 0): bigint => longOf(outcome, at) + (longOf(outcome, at + 8) << 64n)

/** `4 IC0406`: reject code and error code. @throws Error for anything but a reject. */
export function errorOf(outcome: Outcome): string {
  if (outcome.kind === 'reject') return `${outcome.code} ${outcome.errorCode}`
  throw new Error(
    outcome.kind === 'reply'
      ? `replied ${Buffer.from(outcome.reply).toString('hex')}`
      : `HTTP ${outcome.status}: ${outcome.text}`,
  )
}

/** Status and text of an HTTP error. @throws Error for anything else. */
export function refusalOf(outcome: Outcome | Certificate): string {
  if (!('kind' in outcome)) throw new Error('a certificate came')
  if (outcome.kind === 'refused') return `${outcome.status} ${outcome.text}`
  throw new Error(outcome.kind === 'reply' ? 'replied' : `rejected: ${outcome.errorCode} ${outcome.message}`)
}

export function certificateOf(answer: Outcome | Certificate): Certificate {
  if (!('kind' in answer)) return answer
  throw new Error(`no certificate: ${JSON.stringify(answer)}`)
}

export { ANONYMOUS }
