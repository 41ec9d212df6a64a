import { expect, test } from 'vitest'
import { CryptoFault, epochOfSearchWords, openSearchWords, padmeLength, sealSearchWords } from '../src/index.ts'
import { keysOf } from './fixture.ts'

const content = new TextEncoder().encode('[["00",1,"ferritin iron"]]')

test('words to search in open with the key of their compartment and epoch, and with no other', async () => {
  const keys = await keysOf()
  const sealed = await sealSearchWords(keys, content)
  expect(epochOfSearchWords(sealed)).toBe(7)
  expect(await openSearchWords(keys, sealed)).toEqual(content)
  expect(sealed.length).toBe(12 + 12 + padmeLength(4 + content.length) + 16)
  expect(await sealSearchWords(keys, content)).not.toEqual(sealed)
  const others = [
    await keysOf({ epoch: 8 }),
    await keysOf({ compartmentId: new Uint8Array(16) }),
    await keysOf({ patientId: new Uint8Array(16) }),
  ]
  for (const other of others) await expect(openSearchWords(other, sealed)).rejects.toBeInstanceOf(CryptoFault)
})

test('nothing of them can be changed or cut off', async () => {
  const keys = await keysOf()
  const sealed = await sealSearchWords(keys, content)
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    await expect(openSearchWords(keys, changed), `byte ${at}`).rejects.toBeInstanceOf(CryptoFault)
  }
  for (const length of [0, 4, 12, 39, sealed.length - 1])
    await expect(openSearchWords(keys, sealed.slice(0, length))).rejects.toBeInstanceOf(CryptoFault)
  expect(epochOfSearchWords(new Uint8Array(100))).toBeNull()
})

test('nothing, and much, are sealed alike', async () => {
  const keys = await keysOf()
  for (const length of [0, 1, 100_000]) {
    const words = new Uint8Array(length).fill(97)
    expect(await openSearchWords(keys, await sealSearchWords(keys, words))).toEqual(words)
  }
})
