import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpoolFault } from './fault.ts'
import { CRASHES, Crashed, type ModelDisk, modelDisk } from './model-disk.fixture.ts'
import { openSpool, type Spool, type SpoolEntry } from './spool.ts'

// I25, F26: what was acknowledged is on the disk; one message id is one record, whatever crashes when.

const KEY = new Uint8Array(32).fill(7)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const idOf = (number: number) => number.toString(16).padStart(32, '0')
const entry = (number: number, text = `message ${number} ${'x'.repeat(number % 97)}`): SpoolEntry => ({
  id: idOf(number),
  kind: 'hl7v2',
  receivedMs: 1000 + number,
  source: 'laboratory',
  payload: new TextEncoder().encode(text),
})
async function contents(spool: Spool): Promise<string[]> {
  const texts: string[] = []
  for (const id of spool.pending()) texts.push(new TextDecoder().decode((await spool.read(id)).payload))
  return texts
}
const numbersIn = (spool: Spool) => spool.pending().map((id) => Number.parseInt(id, 16))

describe('a spool', () => {
  test('keeps what it took, in order, for whoever opens it again', async () => {
    const spool = await openSpool(folder, KEY)
    await Promise.all([1, 2, 3, 4].map((number) => spool.append(entry(number))))
    await spool.done(idOf(2))
    const kept = [1, 3, 4].map((number) => new TextDecoder().decode(entry(number).payload))
    expect(await contents(spool)).toEqual(kept)
    await spool.close()
    const again = await openSpool(folder, KEY)
    expect(await contents(again)).toEqual(kept)
    expect(await again.read(idOf(3))).toEqual({ ...entry(3), payload: expect.any(Uint8Array) as Uint8Array })
    expect(again.recordIdOf(idOf(3))).toBe(spool.recordIdOf(idOf(3)))
    await again.close()
  })

  test('answers a repeat as the first time, also after it was delivered, and refuses another content', async () => {
    const spool = await openSpool(folder, KEY)
    const both = await Promise.all([spool.append(entry(1)), spool.append({ ...entry(1), receivedMs: 9999 })])
    expect(both).toEqual([
      { isRepeat: false, receivedMs: 1001 },
      { isRepeat: true, receivedMs: 1001 },
    ])
    await spool.done(idOf(1))
    await spool.close()
    const again = await openSpool(folder, KEY)
    expect(await again.append({ ...entry(1), receivedMs: 9999 })).toEqual({ isRepeat: true, receivedMs: 1001 })
    expect(again.pending()).toEqual([])
    await expect(again.append(entry(1, 'another'))).rejects.toMatchObject({ code: 'Repeated' })
    await again.close()
  })

  test('is one process’ and one key’s, and shows nothing of what is in it', async () => {
    const spool = await openSpool(folder, KEY)
    await spool.append(entry(1, 'canary in the mine'))
    await expect(openSpool(folder, KEY)).rejects.toMatchObject({ code: 'InUse' })
    await spool.close()
    await expect(openSpool(folder, new Uint8Array(32))).rejects.toMatchObject({ code: 'WrongKey' })
    const { readFileSync, readdirSync } = await import('node:fs')
    const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(all.join('')).not.toMatch(/canary|laboratory|hl7v2/)
    expect(all.join('').length).toBeGreaterThan(100)
  })

  test('takes ten thousand and gives them out in order', async () => {
    const disk = modelDisk()
    const spool = await openSpool(folder, KEY, { disk })
    const numbers = Array.from({ length: 10_000 }, (_, number) => number)
    await Promise.all(numbers.map((number) => spool.append(entry(number, 'm'))))
    // Those that asked while a write was under way waited for one write together.
    expect(disk.changes).toBeLessThan(100)
    expect(numbersIn(spool)).toEqual(numbers)
    await spool.close()
  })
})

describe('damage', () => {
  const filled = async (disk: ModelDisk): Promise<ModelDisk> => {
    const spool = await openSpool(folder, KEY, { disk })
    for (const number of [1, 2, 3]) await spool.append(entry(number))
    await spool.close()
    return disk
  }
  const bent = async (at: (sizeBytes: number) => number): Promise<ModelDisk> => {
    const disk = await filled(modelDisk())
    const file = (await disk.openFile('spool.journal'))!
    const position = at(await file.sizeBytes())
    const [byte = 0] = await file.read(position, 1)
    await file.write(position, Uint8Array.of(byte ^ 1))
    return disk
  }

  test('by putting one record in the place of another is told', async () => {
    const disk = modelDisk()
    const spool = await openSpool(folder, KEY, { disk })
    for (const number of [1, 2, 3]) await spool.append(entry(number, 'alike'))
    await spool.close()
    const file = (await disk.openFile('spool.journal'))!
    const headBytes = 52
    const each = ((await file.sizeBytes()) - headBytes) / 3
    const first = Uint8Array.from(await file.read(headBytes, each))
    await file.write(headBytes, Uint8Array.from(await file.read(headBytes + each, each)))
    await file.write(headBytes + each, first)
    await expect(openSpool(folder, KEY, { disk })).rejects.toMatchObject({ code: 'Damaged' })
  })

  test('in the middle is told and changes nothing; at the end it is what was not written to its end', async () => {
    await expect(openSpool(folder, KEY, { disk: await bent(() => 150) })).rejects.toMatchObject({ code: 'Damaged' })
    await expect(openSpool(folder, KEY, { disk: await bent(() => 1) })).rejects.toMatchObject({ code: 'Damaged' })
    const spool = await openSpool(folder, KEY, { disk: await bent((sizeBytes) => sizeBytes - 1) })
    expect(numbersIn(spool)).toEqual([1, 2])
    await spool.close()
  })
})

/** Some of everything: two at a time, a repeat, deliveries, opened twice. @returns what was acknowledged, before it was stopped. */
async function life(
  disk: ModelDisk,
): Promise<{ appended: Set<number>; started: Set<number>; done: Set<number>; doneStarted: Set<number> }> {
  const told = {
    appended: new Set<number>(),
    started: new Set<number>(),
    done: new Set<number>(),
    doneStarted: new Set<number>(),
  }
  const append = async (spool: Spool, number: number) => {
    told.started.add(number)
    await spool.append(entry(number))
    told.appended.add(number)
  }
  const finish = async (spool: Spool, number: number) => {
    told.doneStarted.add(number)
    await spool.done(idOf(number))
    told.done.add(number)
  }
  for (const start of [0, 10]) {
    let spool: Spool | null = null
    try {
      spool = await openSpool(folder, KEY, { disk })
      await append(spool, start + 1)
      await Promise.all([append(spool, start + 2), append(spool, start + 3)])
      await finish(spool, start + 1)
      await append(spool, start + 1)
      await append(spool, start + 4)
    } catch (error) {
      const isExpected = error instanceof SpoolFault || error instanceof Crashed
      if (!isExpected) throw error
    } finally {
      await spool?.close().catch(() => {})
    }
  }
  return told
}
function expectKept(spool: Spool, { appended, started, done, doneStarted }: Awaited<ReturnType<typeof life>>): void {
  const present = numbersIn(spool)
  const lost = [...appended].filter((number) => !present.includes(number) && !doneStarted.has(number))
  const twice = present.filter((number, at) => present.indexOf(number) !== at || done.has(number))
  const invented = present.filter((number) => !started.has(number))
  expect({ lost, twice, invented, order: present }).toEqual({
    lost: [],
    twice: [],
    invented: [],
    order: present.toSorted((a, b) => a - b),
  })
}

describe('at every change to the disk', () => {
  test('ended there, nothing that was acknowledged is lost and nothing is there twice', async () => {
    const whole = modelDisk()
    await life(whole)
    let tried = 0
    for (let change = 1; change <= whole.changes; change++)
      for (const crash of CRASHES) {
        const disk = modelDisk()
        disk.crashAt(change)
        const told = await life(disk)
        const spool = await openSpool(folder, KEY, { disk: disk.after(crash) })
        expectKept(spool, told)
        // Opened again it is used again: what was acknowledged before is known, and what comes is kept.
        for (const number of told.appended)
          expect(await spool.append({ ...entry(number), receivedMs: 5 })).toEqual({
            isRepeat: true,
            receivedMs: 1000 + number,
          })
        await spool.append(entry(99))
        await spool.close()
        tried++
      }
    expect(tried).toBeGreaterThan(80)
  })

  test.each([
    ['ENOSPC', true],
    ['ENOSPC', false],
    ['EIO', true],
    ['EIO', false],
  ] as const)('failing there with %s (once: %s), it acknowledges nothing that is not there', async (code, isOnce) => {
    const whole = modelDisk()
    await life(whole)
    for (let change = 1; change <= whole.changes; change++) {
      const disk = modelDisk()
      disk.failAt(change, code, isOnce)
      const told = await life(disk)
      // The worst that may follow: what the disk did not say it has is gone.
      for (const crash of ['kill', 'nothing'] as const) {
        const spool = await openSpool(folder, KEY, { disk: disk.after(crash) })
        expectKept(spool, told)
        await spool.close()
      }
    }
  })

  test('without room it takes no more, and goes on when there is some', async () => {
    const disk = modelDisk()
    const spool = await openSpool(folder, KEY, { disk })
    await spool.append(entry(1))
    disk.failAt(disk.changes + 1, 'ENOSPC', true)
    await expect(spool.append(entry(2))).rejects.toMatchObject({ code: 'Full' })
    expect(await spool.append(entry(2))).toEqual({ isRepeat: false, receivedMs: 1002 })
    disk.failAt(disk.changes + 2, 'EIO', true)
    for (const number of [3, 4]) await expect(spool.append(entry(number))).rejects.toMatchObject({ code: 'Broken' })
    await spool.close()
    const again = await openSpool(folder, KEY, { disk: disk.after('nothing') })
    expect(numbersIn(again)).toEqual([1, 2])
    await again.close()
  })
})

test('a write that fails otherwise than for want of room ends the taking, too', async () => {
  const disk = modelDisk()
  const spool = await openSpool(folder, KEY, { disk })
  disk.failAt(disk.changes + 1, 'EIO', true)
  for (const number of [1, 2]) await expect(spool.append(entry(number))).rejects.toMatchObject({ code: 'Broken' })
  await spool.close()
})

test('a file that holds little of what lives is made anew, and keeps that', async () => {
  const disk = modelDisk()
  const spool = await openSpool(folder, KEY, { disk })
  const large = (number: number) => entry(number, `${number} `.padEnd(1_000_000, 'x'))
  for (let number = 1; number <= 12; number++) {
    await spool.append(large(number))
    if (number > 1) await spool.done(idOf(number))
  }
  const file = (await disk.openFile('spool.journal'))!
  expect(await file.sizeBytes()).toBeLessThan(9_000_000)
  expect(await contents(spool)).toEqual([new TextDecoder().decode(large(1).payload)])
  expect(await spool.append(large(5))).toMatchObject({ isRepeat: true })
  await spool.close()
})
