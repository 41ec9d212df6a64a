import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { encodeArg, httpService, IDL, LINK_PASSCODE_ROUNDS, Principal } from '@medguard/protocol'
import { type Arg, freshId } from './clinic.ts'
import type { Stepped } from './stepped.ts'

// Links as a client makes them, and what a viewer sends, without anything of the SDK.

const fresh = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
export const PASSCODE = '274 318'

export function passcodeOf(passcode: string, attemptsMax = 10) {
  const salt = fresh(16)
  const verifier = new Uint8Array(pbkdf2Sync(passcode, salt, LINK_PASSCODE_ROUNDS, 32, 'sha256'))
  return { salt, verifier, attemptsMax }
}

/** A JWE by its looks. */
export const someJwe = (sizeBytes = 600): Uint8Array =>
  new TextEncoder().encode(
    `eyJhbGciOiJkaXIifQ..${Buffer.from(fresh(12)).toString('base64url')}.${'A'.repeat(sizeBytes)}.BBBB`,
  )

export function newLink(endNs: bigint, more: Partial<Arg<'records', 'makeLink'>> = {}) {
  const token = fresh(32)
  const tokenHash = new Uint8Array(createHash('sha256').update(token).digest())
  const arg: Arg<'records', 'makeLink'> = {
    patientId: [],
    tokenHash,
    label: fresh(80),
    origin: 'http://records.localhost:4943',
    endNs,
    passcode: [passcodeOf(PASSCODE)],
    fileKey: fresh(32),
    files: [{ contentType: 0, jwe: someJwe() }],
    requestId: freshId(),
    ...more,
  }
  return { arg, path: `/links/${Buffer.from(token).toString('base64url')}`, linkId: tokenHash.slice(0, 16) }
}

/** What a gateway makes of a viewer's question, on a network that is stepped through. */
export function openStepwise(net: Stepped, path: string, passcode: string): number {
  const body = new TextEncoder().encode(JSON.stringify({ recipient: 'Dr Who', passcode }))
  const method = httpService.http_request_update
  const arg = encodeArg(method, { method: 'POST', url: path, headers: [['content-type', 'application/json']], body })
  const reply = net.send(Principal.anonymous(), 'records', 'http_request_update', arg)
  const [answer] = IDL.decode([method.ret.idl], reply) as unknown as [{ status_code: number }]
  return answer.status_code
}
