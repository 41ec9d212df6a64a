import { Principal } from '@dfinity/principal'
import { IDL } from '@dfinity/candid'
import { verifyRequestResponsePair } from '@dfinity/response-verification'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCertifier, DEVELOPMENT_ROOT_SECRET } from '../../certificates/index.ts'
import type { NativeCall, NativeStore } from '../native-canister.ts'
import { ASSET_CANISTER } from './index.ts'
import { type HttpResponseValue, type MethodName, METHODS } from './interface.ts'

const certifier = createCertifier(DEVELOPMENT_ROOT_SECRET)
const SELF = Principal.fromText('rdmx6-jaaaa-aaaaa-aaadq-cai').toUint8Array()
const CALLER = Uint8Array.of(1)
const NOW_NS = 1_700_000_000_000_000_000n

/** The canister alone, with its store in memory: hundreds of them in a second. */
function aloneCanister() {
  const kept = new Map<string, Uint8Array>()
  const store: NativeStore = {
    get: (key) => kept.get(key)?.slice() ?? null,
    put: (key, value) => void kept.set(key, value.slice()),
    delete: (key) => void kept.delete(key),
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
  }
  let certifiedData = new Uint8Array()
  const call = (arg: Uint8Array): NativeCall => ({
    self: SELF,
    caller: CALLER,
    arg,
    timeNs: NOW_NS,
    isController: () => true,
    isReplicated: true,
    controllers: [CALLER],
    rootKeyDer: certifier.rootKeyDer,
    subnetId: certifier.subnetId,
    subnets: [],
    environment: [],
    store,
    certificate: () => certifier.certifyData({ canisterId: SELF, certifiedData, timeNs: NOW_NS }),
    setCertifiedData: (data) => {
      certifiedData = data.slice()
    },
    cyclesAvailable: () => 0n,
    acceptCycles: () => 0n,
    send: () => expect.unreachable('the asset canister calls nobody'),
  })
  ASSET_CANISTER.init?.(call(new Uint8Array()))
  return (name: MethodName, ...values: unknown[]): unknown => {
    const { args, results } = METHODS[name]
    const reply = ASSET_CANISTER.methods[name]?.run(call(IDL.encode([...args], values)))
    return IDL.decode([...results], reply ?? new Uint8Array())[0]
  }
}

const segment = fc.constantFrom('', 'a', 'b', 'index', 'index.html', 'a.html', 'ab', '<', 'z')
/** An address that begins with two slashes names a host to the verifier, as to a browser. */
const path = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)
  .filter((text) => !text.startsWith('//'))
const asset = fc.record({
  key: path.map((text) => text.replace(/\/+/g, '/')),
  encodings: fc.uniqueArray(fc.constantFrom('identity', 'gzip', 'br'), { minLength: 1, maxLength: 2 }),
  aliased: fc.constantFrom<[] | [boolean]>([], [true], [false]),
})

test('whatever is stored, changed and deleted, every answer holds before the verifier of the network', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(asset, { selector: ({ key }) => key, maxLength: 8 }),
      fc.array(path, { maxLength: 3 }),
      fc.array(path, { minLength: 1, maxLength: 6 }),
      (stored, deleted, asked) => {
        const canister = aloneCanister()
        for (const { key, encodings, aliased } of stored) {
          for (const content_encoding of encodings) {
            const content = new TextEncoder().encode(`${key} ${content_encoding}`)
            canister('store', { key, content_type: 'text/html', content_encoding, content, sha256: [], aliased })
          }
        }
        for (const key of deleted) canister('delete_asset', { key })
        for (const url of [...asked, ...stored.map(({ key }) => key)]) {
          const request = { method: 'GET', url: encodeURI(url), headers: [], body: new Uint8Array() }
          const response = canister('http_request', { ...request, certificate_version: [2] }) as HttpResponseValue
          const { status_code, body } = response
          const headers = response.headers.map(([name, value]): [string, string] => [name, value])
          const { verificationVersion } = verifyRequestResponsePair(
            { ...request, certificate_version: [2] },
            { status_code, headers, body: Uint8Array.from(body) },
            SELF,
            NOW_NS,
            300_000_000_000n,
            certifier.rootKeyDer,
            2,
          )
          expect(verificationVersion).toBe(2)
          const own = stored.find(({ key }) => key === url && !deleted.includes(key))
          if (own !== undefined) expect(Buffer.from(body).toString()).toMatch(`${own.key} `)
        }
      },
    ),
    { numRuns: 60 },
  )
})
