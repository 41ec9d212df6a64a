import { Fault } from '@medguard/client'
import { expose, transfer, wrap } from 'comlink'
import { afterEach, describe, expect, test } from 'vitest'
import { keepErrorsWhole, pack, unpack } from './crossing.ts'

type Method = (...args: unknown[]) => unknown

keepErrorsWhole()
const open: MessagePort[] = []
afterEach(() => open.splice(0).forEach((port) => port.close()))

/** The method as if it were on the other side of a worker's border. */
function across(method: Method): (...args: readonly unknown[]) => Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  open.push(port1, port2)
  expose((args: readonly unknown[]) => method(...unpack(args)), port1)
  const remote = wrap<(args: readonly unknown[]) => unknown>(port2)
  return async (...args) => {
    const { values, ports, close } = pack(args)
    return remote(transfer(values, [...ports])).finally(close)
  }
}

describe('what crosses between page and worker', () => {
  test('is the same on the other side: big numbers, bytes, files, nothing, lists', async () => {
    const echo = across((value) => value)
    const value = { big: 2n ** 63n, bytes: new Uint8Array([0, 255]), none: null, not: undefined, list: [{ a: 1 }] }
    expect(await echo(value)).toEqual(value)
    const file = new Blob(['text'], { type: 'text/plain' })
    const there = await across(async (one) => (one as { bytes: Blob }).bytes.text())({ bytes: file })
    expect(there).toBe('text')
  })

  test('tells progress in its order, and nothing after the answer', async () => {
    const told: number[] = []
    const late: Method[] = []
    const work = across(async (_, progress) => {
      for (const step of [1, 2, 3]) await (progress as Method)(step)
      late.push(progress as Method)
      return 'done'
    })
    expect(await work(0, (step: number) => void told.push(step))).toBe('done')
    for (const progress of late) void progress(4)
    await new Promise((resolve) => setTimeout(resolve))
    expect(told).toEqual([1, 2, 3])
  })

  test('reads from a source and writes to a sink, deep inside an argument, as methods of what they belong to', async () => {
    const source = {
      sizeBytes: 3,
      bytes: new Uint8Array([7, 8, 9]),
      async read(start: number, end: number) {
        return this.bytes.slice(start, end)
      },
    }
    const copy = across(async (record, sink) => {
      const from = (record as { content: typeof source }).content
      await (sink as { write(piece: Uint8Array, at: number): Promise<void> }).write(await from.read(1, 3), 1)
      return from.sizeBytes
    })
    const written: unknown[] = []
    const sink = { write: async (piece: Uint8Array, at: number) => void written.push([...piece], at) }
    expect(await copy({ content: source }, sink)).toBe(3)
    expect(written).toEqual([[8, 9], 1])
  })

  test('aborts there when it is aborted here, also when it was before', async () => {
    const waits = across(
      (signal) =>
        new Promise((resolve) => {
          const given = signal as AbortSignal
          if (given.aborted) resolve('before')
          given.addEventListener('abort', () => resolve('now'))
        }),
    )
    expect(await waits(AbortSignal.abort())).toBe('before')
    const controller = new AbortController()
    const answer = waits(controller.signal)
    controller.abort()
    expect(await answer).toBe('now')
  })

  test('keeps what errors are: a fault its code, an abort its name, in both directions', async () => {
    const fails = (what: unknown) =>
      across(async () => {
        throw what
      })().catch((thrown: unknown) => thrown)
    const fault = await fails(new Fault('ListIncomplete', 'a list hides a record', { cause: new Error('inside') }))
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ code: 'ListIncomplete', message: 'a list hides a record' })
    expect(fault).not.toHaveProperty('cause')
    expect(await fails(new DOMException('stopped', 'AbortError'))).toMatchObject({ name: 'AbortError' })
    expect(await fails(new TypeError('no'))).toBeInstanceOf(TypeError)
    expect(await fails('text')).toMatchObject({ message: 'text' })

    const back = across(async (source) => (source as { read: Method }).read(0, 1))
    const unreadable = () => Promise.reject(new Fault('Tampered', 'the file changed'))
    await expect(back({ sizeBytes: 1, read: unreadable })).rejects.toMatchObject({ code: 'Tampered' })
  })
})
