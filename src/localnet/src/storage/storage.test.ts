import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Delta } from '../contracts.ts'
import { applyDelta, contents, deltaAt, stateAfter, type State } from './deltas.fixture.ts'
import { openStorage, StorageError, type StorageErrorCode } from './index.ts'

let root: string
let dir: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'localnet-storage-'))
  dir = join(root, 'state')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const log = () => join(dir, 'state.log')
const draft = () => join(dir, 'state.log.new')
const bytesOf = (text: string) => new TextEncoder().encode(text)
const small = (number: number): Delta => ({
  puts: [
    [`key ${number % 3}`, bytesOf(`value ${number}`)],
    ['empty', new Uint8Array()],
  ],
  deletes: number === 4 ? ['key 0'] : [],
})

/** Opens, reads everything and closes again. */
function reopened(): State {
  const storage = openStorage(dir)
  try {
    return contents(storage)
  } finally {
    storage.close()
  }
}

function codeOf(act: () => unknown): StorageErrorCode | 'none' {
  try {
    act()
  } catch (error) {
    if (error instanceof StorageError) return error.code
    throw error
  }
  return 'none'
}

/** Writes deltas 1 to `count` of `series`. Returns the log, where each record ends, and the state after each, starting with none. */
function writeSeries(count: number, series: (number: number) => Delta) {
  const storage = openStorage(dir)
  const ends = [statSync(log()).size]
  const states: State[] = [new Map()]
  for (let number = 1; number <= count; number++) {
    storage.append(series(number))
    ends.push(statSync(log()).size)
    states.push(applyDelta(states[number - 1] ?? new Map(), series(number)))
  }
  storage.close()
  return { file: readFileSync(log()), ends, states }
}

describe('what was stored is there again', () => {
  test('a new directory is empty, and stays usable', () => {
    expect(reopened()).toEqual(new Map())
    expect(reopened()).toEqual(new Map())
  })

  test('puts, overwrites and deletes, any values, across any number of openings', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b', 'c/ü', ''), fc.string({ unit: 'binary', maxLength: 3 }))
    const delta = fc.record({
      puts: fc.array(fc.tuple(key, fc.uint8Array({ maxLength: 50 }))),
      deletes: fc.array(key),
    })
    fc.assert(
      fc.property(fc.array(fc.array(delta, { maxLength: 4 }), { maxLength: 4 }), (openings) => {
        rmSync(dir, { recursive: true, force: true })
        let state: State = new Map()
        for (const deltas of openings) {
          const storage = openStorage(dir, 400)
          expect(contents(storage)).toEqual(state)
          for (const each of deltas) {
            storage.append(each)
            state = applyDelta(state, each)
            expect(contents(storage)).toEqual(state)
          }
          storage.close()
        }
        expect(reopened()).toEqual(state)
      }),
      { numRuns: 60 },
    )
  })

  test('a value of 48 MiB and a delta of 3000 small ones', () => {
    const large = new Uint8Array(48 * 1024 * 1024).fill(7)
    large[large.length - 1] = 8
    const many = Array.from({ length: 3000 }, (_, index) => [`k${index}`, bytesOf(`${index}`)] as const)
    const storage = openStorage(dir)
    storage.append({ puts: [['large', large]], deletes: [] })
    storage.append({ puts: many, deletes: [] })
    storage.close()
    const again = openStorage(dir)
    const loaded = new Map(again.load())
    again.close()
    expect(Buffer.compare(loaded.get('large') ?? new Uint8Array(), large)).toBe(0)
    expect(loaded.size).toBe(3001)
    expect(loaded.get('k2999')).toEqual(bytesOf('2999'))
  })

  test('a loaded value belongs to its reader', () => {
    const storage = openStorage(dir)
    storage.append({ puts: [['a', bytesOf('kept')]], deletes: [] })
    for (const [, value] of storage.load()) value.fill(0)
    expect(contents(storage)).toEqual(new Map([['a', Buffer.from('kept').toString('base64')]]))
    storage.close()
  })

  test('the files are readable by their owner alone', () => {
    openStorage(dir).close()
    expect(readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o077)).toEqual([0, 0])
    expect(statSync(dir).mode & 0o077).toBe(0)
  })
})

describe('a crash while a delta is written', () => {
  test('leaves whole deltas, wherever the file ends', () => {
    const { file, ends, states } = writeSeries(5, small)
    for (let length = ends[0]!; length <= file.length; length++) {
      writeFileSync(log(), file.subarray(0, length))
      const whole = ends.filter((end) => end <= length).length - 1
      expect(reopened()).toEqual(states[whole])
      expect(statSync(log()).size).toBe(ends[whole])
    }
  })

  test('leaves whole deltas when the length was stored and the bytes were not', () => {
    const { file, ends, states } = writeSeries(4, small)
    for (let from = ends[3]!; from < file.length; from++) {
      const torn = Buffer.from(file)
      torn.fill(0, from)
      writeFileSync(log(), torn)
      expect(reopened()).toEqual(states[3])
    }
  })

  test('leaves a log that goes on behind the last whole delta', () => {
    const { file, ends, states } = writeSeries(3, small)
    writeFileSync(log(), file.subarray(0, ends[2]! + 70))
    const storage = openStorage(dir)
    storage.append(small(9))
    storage.close()
    expect(reopened()).toEqual(applyDelta(states[2]!, small(9)))
  })

  test('is not hidden behind a value that looks like a later record', () => {
    const { file, ends } = writeSeries(2, small)
    const record = file.subarray(ends[1])
    // The attacker knows an old log in full, but a new one has another tag.
    rmSync(dir, { recursive: true })
    const storage = openStorage(dir)
    storage.append({ puts: [['v', record]], deletes: [] })
    storage.close()
    writeFileSync(log(), readFileSync(log()).subarray(0, -1))
    expect(reopened()).toEqual(new Map())
  })
})

describe('damage', () => {
  test('anywhere before the last delta is reported and changes nothing', () => {
    const { file, ends } = writeSeries(3, small)
    for (let at = 0; at < ends[2]!; at++) {
      const damaged = Buffer.from(file)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      writeFileSync(log(), damaged)
      const isVersion = at >= 8 && at < 12
      expect(codeOf(() => openStorage(dir))).toBe(isVersion ? 'version' : 'corrupt')
      expect(readFileSync(log()).equals(damaged)).toBe(true)
    }
  })

  test('in a record of many MiB is told from a torn end', () => {
    const { file, ends } = writeSeries(3, (number) =>
      number === 2 ? { puts: [['large', new Uint8Array(5 * 1024 * 1024)]], deletes: [] } : small(number),
    )
    for (const at of [ends[1]! + 1, ends[1]! + 3 * 1024 * 1024]) {
      const damaged = Buffer.from(file)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      writeFileSync(log(), damaged)
      expect(codeOf(() => openStorage(dir))).toBe('corrupt')
    }
  })

  test('by a missing record is reported', () => {
    const { file, ends } = writeSeries(3, small)
    writeFileSync(log(), Buffer.concat([file.subarray(0, ends[1]), file.subarray(ends[2])]))
    expect(codeOf(() => openStorage(dir))).toBe('corrupt')
  })

  test('does not leave the directory locked', () => {
    mkdirSync(dir)
    writeFileSync(log(), 'something else')
    expect(codeOf(() => openStorage(dir))).toBe('corrupt')
    rmSync(log())
    expect(reopened()).toEqual(new Map())
  })
})

describe('compaction', () => {
  test('keeps the log near the size of what is live', () => {
    const storage = openStorage(dir, 300_000)
    for (let number = 1; number <= 200; number++) storage.append(deltaAt(number))
    const live = [...storage.load()].reduce((total, [, value]) => total + value.length, 0)
    storage.close()
    const written = 200 * 60_000
    expect(statSync(log()).size).toBeLessThan(2 * Math.max(300_000, live) + live)
    expect(statSync(log()).size).toBeLessThan(written / 5)
    expect(existsSync(draft())).toBe(false)
    expect(reopened()).toEqual(stateAfter(200))
  })

  test('that dies before the rename leaves the old log, and its draft is removed', () => {
    const { file } = writeSeries(4, deltaAt)
    const original = join(root, 'old.log')
    copyFileSync(log(), original)
    const storage = openStorage(dir, 0)
    for (let number = 5; number <= 30; number++) storage.append(deltaAt(number))
    storage.close()
    const compacted = readFileSync(log())
    for (let step = 0; step <= 20; step++) {
      copyFileSync(original, log())
      writeFileSync(draft(), compacted.subarray(0, Math.floor((compacted.length * step) / 20)))
      expect(reopened()).toEqual(stateAfter(4))
      expect(existsSync(draft())).toBe(false)
      expect(readFileSync(log()).equals(file)).toBe(true)
    }
    writeFileSync(log(), compacted)
    expect(reopened()).toEqual(stateAfter(30))
  })

  test('that fails stops the storage and loses nothing', () => {
    const storage = openStorage(dir, 0)
    mkdirSync(draft())
    let number = 0
    const codes = new Set<string>()
    while (!codes.has('failed') && number < 1000) {
      number++
      const delta = deltaAt(number)
      codes.add(codeOf(() => storage.append(delta)))
    }
    expect([...codes]).toEqual(['none', 'failed'])
    expect(codeOf(() => storage.append(deltaAt(number + 1)))).toBe('failed')
    storage.close()
    rmSync(draft(), { recursive: true })
    expect(reopened()).toEqual(stateAfter(number))
  })
})

test('a closed storage refuses everything but being closed again', () => {
  const storage = openStorage(dir)
  storage.close()
  storage.close()
  expect(codeOf(() => storage.append(small(1)))).toBe('closed')
  expect(codeOf(() => [...storage.load()])).toBe('closed')
})
