import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { Agent, request } from 'node:http'
import {
  Cbor,
  Certificate,
  type HashTree,
  lookup_path,
  lookupResultToBuffer,
  reconstruct,
  requestIdOf,
} from '@dfinity/agent'
import type { Ed25519KeyIdentity } from '@dfinity/identity'
import type { Principal } from '@medguard/protocol'
import { check } from './rows.ts'

// [Note: load over HTTP] The released agent spends 20 ms on the certificate of each answer, far more than the network on the answer, and
// would be what is measured. This client checks as much for less. While the load runs, every tree is hashed and every reply taken out
// of its tree; answers of one round share root hash and signature, and each pair of these is verified once, afterwards.

const INGRESS_EXPIRY_NS = 240_000_000_000n
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const utf8 = (text: string) => new TextEncoder().encode(text)

export interface HttpLoad {
  /** Sends one signed call and waits for its certificate. @returns the reply, to be believed after `verify`. */
  call(method: string, arg: Uint8Array): Promise<Uint8Array>
  /** Checks the certificates of all answers so far. @returns how many signatures they shared. */
  verify(): Promise<number>
  close(): void
}

export function openHttpLoad(options: {
  readonly port: number
  readonly rootKey: Uint8Array
  readonly canisterId: Principal
  readonly identity: Ed25519KeyIdentity
  /** Time of the network. */
  readonly nowNs: () => Promise<bigint>
}): HttpLoad {
  const { port, rootKey, canisterId, identity, nowNs } = options
  const publicKeyDer = new Uint8Array(identity.getPublicKey().toDer())
  const sender = identity.getPrincipal().toUint8Array()
  const privateKey = privateKeyOf(identity)
  const connections = new Agent({ keepAlive: true })
  const path = `/api/v3/canister/${canisterId.toText()}/call`
  /** A certificate for each pair of root hash and signature. */
  const unverified = new Map<string, Uint8Array>()

  const post = (body: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/cbor', 'content-length': body.length }
      const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: connections, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(new Uint8Array(Buffer.concat(parts)))
          else reject(new Error(`status ${answer.statusCode}: ${Buffer.concat(parts).toString('utf8')}`))
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })

  return {
    async call(method, arg) {
      const content = {
        request_type: 'call',
        sender,
        canister_id: canisterId.toUint8Array(),
        method_name: method,
        arg,
        nonce: new Uint8Array(randomBytes(16)),
        ingress_expiry: (await nowNs()) + INGRESS_EXPIRY_NS,
      }
      const requestId = requestIdOf(content)
      const signature = new Uint8Array(sign(null, Buffer.concat([utf8('\x0Aic-request'), requestId]), privateKey))
      const envelope = { content, sender_pubkey: publicKeyDer, sender_sig: signature }
      const answer = Cbor.decode<{ status: string; certificate: Uint8Array }>(await post(Cbor.encode(envelope)))
      check(answer.status === 'replied', 'the call has a certificate')
      const { tree, signature: rootSignature } = Cbor.decode<Decoded>(answer.certificate)
      unverified.set(`${hex(await reconstruct(tree))} ${hex(rootSignature)}`, answer.certificate)
      const reply = lookupResultToBuffer(lookup_path(['request_status', requestId, 'reply'], tree))
      check(reply !== undefined, 'the certificate holds the reply')
      return reply
    },
    async verify() {
      const certificates = [...unverified.values()]
      unverified.clear()
      for (const certificate of certificates) {
        await Certificate.create({ certificate, rootKey, canisterId, disableTimeVerification: true })
      }
      return certificates.length
    },
    close: () => connections.destroy(),
  }
}

/** For Node's own Ed25519, thirty times faster than the identity's. */
function privateKeyOf(identity: Ed25519KeyIdentity): KeyObject {
  const { secretKey } = identity.getKeyPair()
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secretKey])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

interface Decoded {
  readonly tree: HashTree
  readonly signature: Uint8Array
}
