import { expect, test } from 'vitest'
import { signedOf } from './internet-identity.ts'

const bytes = new Uint8Array([1])
const signed = { delegation: { pubkey: bytes, expiration: 5n }, signature: bytes }
const message = {
  kind: 'authorize-client-success',
  delegations: [signed],
  userPublicKey: bytes,
  authnMethod: 'passkey',
}

test('what the identity provider signed is taken field by field', () => {
  expect(signedOf(message)).toEqual({ delegations: [signed], userPublicKey: bytes })
})

test('an answer of another shape is none', () => {
  for (const wrong of [
    null,
    'signed',
    { ...message, delegations: [] },
    { ...message, delegations: 'many' },
    { ...message, userPublicKey: 'key' },
    { ...message, delegations: [{ ...signed, signature: undefined }] },
    { ...message, delegations: [{ ...signed, delegation: { pubkey: bytes, expiration: 5 } }] },
    { ...message, delegations: [signed, null] },
    // Signed for other places than was asked: leaving the list out would be another delegation.
    { ...message, delegations: [{ ...signed, delegation: { ...signed.delegation, targets: [bytes] } }] },
  ])
    expect(
      signedOf(wrong),
      JSON.stringify(wrong, (_, v: unknown) => String(v)),
    ).toBeNull()
})
