import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { pbkdf2, sameSecret } from './pbkdf2.ts'

test('makes of a passcode what others make of it', () => {
  for (const [password, salt, rounds] of [
    ['', Buffer.alloc(0), 1],
    ['password', Buffer.from('salt'), 2],
    ['483 920', randomBytes(16), 400],
    ['x'.repeat(64), randomBytes(16), 3],
  ] as const)
    expect(Buffer.from(pbkdf2(Buffer.from(password), salt, rounds)).toString('hex')).toBe(
      pbkdf2Sync(password, salt, rounds, 32, 'sha256').toString('hex'),
    )
})

test('compares secrets of any length', () => {
  const secret = new Uint8Array(randomBytes(32))
  expect(sameSecret(secret, secret.slice())).toBe(true)
  for (let at = 0; at < 32; at++) expect(sameSecret(secret, secret.with(at, (secret[at] ?? 0) ^ 1))).toBe(false)
  expect(sameSecret(secret, secret.subarray(1))).toBe(false)
  expect(sameSecret(secret.subarray(1), secret)).toBe(false)
})
