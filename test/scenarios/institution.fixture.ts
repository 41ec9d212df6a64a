import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Gateway, type LogLine, parseConfig, startGateway } from '@medguard/gateway'
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Category, MedGuardClient, Right } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import type { Clinic } from './clinic.ts'

/** An institution with a gateway of its own, and a program of its own that asks it over real HTTP. */
export interface Institution {
  readonly gateway: Gateway
  readonly folder: string
  readonly lines: readonly LogLine[]
  /** An access token, by a signed assertion. */
  token(scopes?: string): Promise<string>
  /** One request with a token of everything, which is asked for once. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** One assertion, changed as told. */
  assertion(change?: AssertionChange): Promise<string>
  sendAssertion(assertion: string, scope?: string): Promise<Answer>
  /** Ends the gateway and starts it again, over the same folder. */
  restart(between?: () => Promise<void>): Promise<void>
  /** All that lies in its data folder. */
  onDisk(): Buffer
  close(): Promise<void>
}
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty for what is no JSON object. */
  readonly json: Body
}
/** As much of an answer's shape as tests look at. */
export interface Body {
  readonly resourceType?: string
  readonly id?: string
  readonly meta?: { readonly versionId: string; readonly lastUpdated: string }
  readonly total?: number
  readonly entry?: readonly {
    readonly resource: Body
    readonly search?: { readonly mode: string }
    readonly response?: { readonly status: string; readonly etag?: string }
  }[]
  readonly link?: readonly { readonly relation: string; readonly url: string }[]
  readonly issue?: readonly { readonly code: string; readonly details?: { readonly text: string } }[]
  readonly output?: readonly { readonly type: string; readonly url: string; readonly count: number }[]
  readonly [field: string]: unknown
}
export interface AssertionChange {
  readonly issuer?: string
  readonly audience?: string | string[]
  readonly lifeSeconds?: number
  readonly jti?: string | null
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: CryptoKey
}

export const ALL_SCOPES = 'system/*.cruds access-requests staff'
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export async function openInstitution(
  clinic: Pick<Clinic, 'localnet'>,
  how: {
    readonly scopes?: string
    readonly requestsPerMinute?: number
    readonly takesMessages?: boolean
    readonly isApart?: boolean
  } = {},
): Promise<Institution> {
  const { scopes = ALL_SCOPES, requestsPerMinute = 1_000_000, takesMessages = false, isApart = false } = how
  const folder = mkdtempSync(join(tmpdir(), 'medguard-institution-'))
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES384' }
  const seed = randomBytes(32).toString('hex')
  writeFileSync(join(folder, 'identity.json'), JSON.stringify({ seed }), { mode: 0o600 })
  writeFileSync(join(folder, 'sealing-key'), randomBytes(32).toString('hex'), { mode: 0o600 })
  const config = {
    ...(takesMessages && { hl7v2: { port: 0, keyFile: 'sealing-key' } }),
    network: clinic.localnet.url,
    identity: 'identity.json',
    dataFolder: 'data',
    http: {
      port: 0,
      requestsPerMinute,
      clients: [{ clientId: 'ehr', jwks: { keys: [jwk] }, scopes: scopes.split(' ') }],
    },
  }
  const lines: LogLine[] = []
  const start = () =>
    isApart
      ? startApart(config, folder)
      : startGateway(parseConfig(JSON.stringify(config), folder), (line) => void lines.push(line))
  let gateway = await start()

  const assertion = (change: AssertionChange = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const {
      issuer = 'ehr',
      audience = `${gateway.url}/token`,
      lifeSeconds = 240,
      jti = randomBytes(12).toString('hex'),
    } = change
    const jwt = new SignJWT(jti === null ? {} : { jti })
      .setProtectedHeader({ alg: 'ES384', kid: 'one', ...change.header })
      .setIssuer(issuer)
      .setSubject(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
    return jwt.sign(change.key ?? privateKey)
  }
  const sendAssertion = async (text: string, scope = scopes): Promise<Answer> =>
    answerOf(
      await fetch(`${gateway.url}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: JWT_BEARER,
          client_assertion: text,
          scope,
        }),
      }),
    )
  const token = async (scope = scopes): Promise<string> => {
    const answer = await sendAssertion(await assertion(), scope)
    if (answer.status !== 200) throw new Error(`token: ${answer.text}`)
    return String(answer.json['access_token'])
  }
  let whole: { readonly token: Promise<string>; readonly endMs: number } | null = null
  const wholeToken = (): Promise<string> => {
    if (whole === null || whole.endMs <= Date.now()) whole = { token: token(), endMs: Date.now() + 240_000 }
    return whole.token
  }
  return {
    get gateway() {
      return gateway
    },
    folder,
    lines,
    token,
    assertion,
    sendAssertion,
    async ask(method, path, body, headers = {}) {
      const authorization = headers['authorization'] ?? `Bearer ${await wholeToken()}`
      const isText = typeof body === 'string' || body instanceof URLSearchParams || body === undefined
      return answerOf(
        await fetch(`${gateway.url}${path}`, {
          method,
          headers: {
            ...(body === undefined || body instanceof URLSearchParams
              ? {}
              : { 'content-type': 'application/fhir+json' }),
            ...headers,
            authorization,
          },
          ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
        }),
      )
    },
    async restart(between) {
      await gateway.close()
      whole = null
      await between?.()
      gateway = await start()
    },
    onDisk: () => Buffer.concat(filesUnder(join(folder, 'data')).map((file) => readFileSync(file))),
    async close() {
      await gateway.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** In a process of its own, as an institution runs it. */
async function startApart(config: object, folder: string): Promise<Gateway> {
  const path = join(folder, 'gateway.json')
  writeFileSync(path, JSON.stringify(config))
  const child = spawn(process.execPath, [BIN, '--config', path], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exit = once(child, 'exit')
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exit])
  if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`)
  const ready = JSON.parse(String(line[0])) as Omit<Gateway, 'close'>
  return {
    ...ready,
    async close() {
      child.kill('SIGTERM')
      await exit
    },
  }
}
const BIN = join(import.meta.dirname, '../../src/gateway/bin/medguard-gateway.mjs')

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text.startsWith('{')
  return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as Body) : {} }
}
function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })
}

/** What a patient lets a gateway do. @returns the grant's id. */
export async function shareWith(
  patient: MedGuardClient,
  { gateway }: { readonly gateway: Pick<Gateway, 'principal'> },
  categories: readonly Category[],
  rights: readonly Right[] = ['list', 'open'],
  days = 7,
): Promise<string> {
  const startNs = BigInt(Date.now()) * 1_000_000n
  const shared = await patient.share({
    scope: { categories },
    rights,
    purpose: 'TREAT',
    grantee: gateway.principal,
    startNs,
    endNs: startNs + BigInt(days) * NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}

/** A resource as a record of the patient's own. @returns its record id. */
export async function addResource(
  patient: MedGuardClient,
  category: Category,
  resource: Readonly<Record<string, unknown>>,
): Promise<string> {
  const added = await patient.add({
    bytes: new TextEncoder().encode(JSON.stringify(resource)),
    title: String(resource['resourceType']),
    fileName: null,
    mediaType: 'application/fhir+json',
    category,
    clinicalDate: null,
  })
  if (added.kind !== 'done') throw new Error(`add: ${added.refusal.kind}`)
  return added.value.recordId
}

/** Keys of what a Bundle found, without what was included. */
export const matchesIn = ({ json }: Answer): string[] =>
  (json.entry ?? [])
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource: { resourceType, id } }) => `${resourceType ?? ''}/${id ?? ''}`)
export const wordsOf = ({ json }: Answer): string =>
  (json.issue ?? []).map(({ details }) => details?.text ?? '').join('; ')
/** Types of what a Bundle has, in alphabetical order. */
export const typesIn = ({ json }: Answer, mode = 'match'): string[] =>
  (json.entry ?? [])
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource: { resourceType = '' } }) => resourceType)
    .toSorted((a, b) => a.localeCompare(b))

/** A message of HL7 v2 over a real socket. @returns its acknowledgement: AA, AE or AR. */
export async function sendMessage(
  { gateway }: Pick<Institution, 'gateway'>,
  text: string,
): Promise<string | undefined> {
  const peer = new Hl7Client({ host: '127.0.0.1', port: gateway.hl7v2Port ?? 0 })
  try {
    return (await peer.sendAndWait(Hl7Message.parse(text))).getAckType()
  } finally {
    await peer.close()
  }
}
