// A hospital's program, with nothing but Node: it asks a patient for access, waits for the answer, reads what it was given and writes a summary back.
//
//   node client.mjs keys FOLDER                              makes a key, and prints what goes into the gateway's configuration
//   node client.mjs visit GATEWAY FOLDER SHARE-CODE          goes the whole way; prints one line of JSON for each step
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const CLIENT_ID = 'hospital-ehr'
const SCOPES = 'system/*.cruds access-requests'
const say = (step, what) => console.log(JSON.stringify({ step, ...what }))

function makeKeys(folder) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'client-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES384' }
  console.log(JSON.stringify({ clientId: CLIENT_ID, jwks: { keys: [jwk] }, scopes: SCOPES.split(' ') }))
}

/** SMART backend services: a signed assertion for an access token. */
async function tokenOf(gateway, folder) {
  const { token_endpoint } = await (await fetch(`${gateway}/.well-known/smart-configuration`)).json()
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: CLIENT_ID, sub: CLIENT_ID, aud: token_endpoint, jti: randomUUID(), iat: now, exp: now + 240 }
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'ES384', kid: 'one', typ: 'JWT' })}.${part(claims)}`
  const key = { key: readFileSync(join(folder, 'client-key.pem')), dsaEncoding: 'ieee-p1363' }
  const assertion = `${text}.${sign('sha384', Buffer.from(text), key).toString('base64url')}`
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: SCOPES,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`token: ${JSON.stringify(answer)}`)
  return answer.access_token
}

async function visit(gateway, folder, shareCode) {
  let token = await tokenOf(gateway, folder)
  const ask = async (method, path, body) => {
    const send = () =>
      fetch(`${gateway}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
    let response = await send()
    // Tokens live for five minutes; a patient takes as long as they like.
    if (response.status === 401) {
      token = await tokenOf(gateway, folder)
      response = await send()
    }
    const answer = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }

  const kinds = ['summary', 'labs', 'documents']
  const wanted = { patient: shareCode, purpose: 'TREAT', kinds, rights: ['list', 'open', 'write'], days: 30 }
  const { id } = await ask('POST', '/access-requests', wanted)
  say('asked', { id })

  let request = await ask('GET', `/access-requests/${id}`)
  for (; request.state === 'pending'; request = await ask('GET', `/access-requests/${id}`)) await delay(2000)
  say('answered', { state: request.state })
  if (request.patient === undefined) return

  const results = await ask('GET', `/fhir/Observation?patient=${request.patient}&_sort=-date&_count=100`)
  say('read', { observations: results.total })

  const summary = await ask('POST', '/fhir/Composition', {
    resourceType: 'Composition',
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '18842-5', display: 'Discharge summary' }] },
    subject: { reference: request.patient },
    date: new Date().toISOString(),
    author: [{ display: 'The hospital' }],
    title: 'Discharge summary',
    section: [
      {
        title: 'Hospital course',
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Seen, treated, well.</div>' },
      },
    ],
  })
  say('written', { id: summary.id })
}

const [command, ...rest] = process.argv.slice(2)
if (command === 'keys' && rest.length === 1) makeKeys(...rest)
else if (command === 'visit' && rest.length === 3) await visit(...rest)
else {
  console.error('usage: client.mjs keys FOLDER | client.mjs visit GATEWAY FOLDER SHARE-CODE')
  process.exitCode = 2
}
