import { blob, decodeRet, encodeArg, nat32, query, record, refuse, result, update } from '@medguard/protocol'
import { describe, expect, test } from 'vitest'

import { type Answer, answer, createEndpoint, type Endpoint } from './answer.ts'

const double = update(record({ n: nat32 }), result(nat32), 64)
const stranger = new Uint8Array(29).fill(1)
const anonymous = new Uint8Array([4])
const handler: Endpoint['handler'] = (arg) => ({ Ok: 2 * (arg as { n: number }).n })
const endpoint = createEndpoint(double, handler, false)
const arg = encodeArg(double, { n: 21 })

const resultOf = (given: Answer | Promise<Answer>) => {
  if (given instanceof Promise || given.kind !== 'reply') throw new Error('no reply')
  return decodeRet(double, given.bytes)
}

describe('an endpoint', () => {
  test('decodes, asks its handler and encodes', () => {
    expect(resultOf(answer(endpoint, stranger, arg))).toEqual({ Ok: 42 })
  })

  test('answers a promise with a promise', async () => {
    const later = createEndpoint(double, (given) => Promise.resolve(handler(given, stranger)), false)
    const settled = answer(later, stranger, arg)
    expect(settled).toBeInstanceOf(Promise)
    expect(resultOf(await settled)).toEqual({ Ok: 42 })
  })

  test('refuses the anonymous caller before it looks at the argument, unless the method is for all', () => {
    expect(resultOf(answer(endpoint, anonymous, new Uint8Array(1000)))).toEqual({ Err: refuse.notSignedIn })
    expect(resultOf(answer(createEndpoint(double, handler, true), anonymous, arg))).toEqual({ Ok: 42 })
  })

  test('refuses a large argument by its size', () => {
    expect(resultOf(answer(endpoint, stranger, new Uint8Array(65)))).toEqual({ Err: refuse.tooLarge(64) })
  })

  test('rejects bytes that are no argument with a word and a code', () => {
    const text = (bytes: Uint8Array) => answer(endpoint, stranger, bytes)
    expect(text(new Uint8Array(0))).toEqual({ kind: 'reject', text: 'BadArgs magic' })
    expect(text(arg.slice(0, -1))).toEqual({ kind: 'reject', text: 'BadArgs value' })
    expect(text(encodeArg(update(record({ m: nat32 }), result(nat32), 64), { m: 1 }))).toEqual({
      kind: 'reject',
      text: 'BadArgs type',
    })
  })

  test('lets a bug of the handler out, and a reply that is too large is one', () => {
    const broken = createEndpoint(
      double,
      () => {
        throw new Error('claim')
      },
      false,
    )
    expect(() => answer(broken, stranger, arg)).toThrow('claim')
    const big = query(record({ n: nat32 }), result(blob), 64)
    const generous = createEndpoint(big, () => ({ Ok: new Uint8Array(2_000_001) }), false)
    expect(() => answer(generous, stranger, arg)).toThrow('larger')
  })
})
