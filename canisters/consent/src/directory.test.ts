import { type ConsentConfiguration, LOG_SHARD_PATIENTS_MAX, Principal, refuse } from '@medguard/protocol'
import { memoryMap, sharedShards, wrongLogShards } from '@medguard/shared'
import { describe, expect, test } from 'vitest'
import { createDirectory, shardWithRoom } from './directory.ts'

const principal = (n: number) => Principal.fromUint8Array(Uint8Array.of(n, 7, 7))
const listOf = (...shards: number[]): { logShards: [] | [Principal[]] } => ({
  logShards: shards.length === 0 ? [] : [shards.map(principal)],
})
const patient = (n: number) => new Uint8Array(16).fill(n)

describe('where somebody new is put', () => {
  test('is the newest shard that has room, and without one that with the fewest', () => {
    const full = LOG_SHARD_PATIENTS_MAX
    expect(shardWithRoom([])).toBe(0)
    expect(shardWithRoom([0])).toBe(1)
    expect(shardWithRoom([5, 9])).toBe(2)
    expect(shardWithRoom([5, full, full + 1])).toBe(1)
    expect(shardWithRoom([full + 2, full, full + 1])).toBe(2)
  })
  test('is the first canister until records has said that it writes to another one', () => {
    let configuration: ReturnType<typeof listOf> = listOf()
    const directory = createDirectory(memoryMap(), { get: () => configuration as ConsentConfiguration })
    const put = (n: number) => {
      directory.place(patient(n), directory.next())
      return directory.of(patient(n))
    }
    expect(put(1)).toBe(0)
    configuration = listOf(2)
    expect(put(2)).toBe(0)
    directory.noteKnown(1)
    expect(put(3)).toBe(1)
    configuration = listOf(2, 3)
    expect(put(4)).toBe(1)
    directory.noteKnown(2)
    directory.noteKnown(1)
    expect(put(5)).toBe(2)
    expect([1, 2, 3, 4, 5].map((n) => directory.of(patient(n)))).toEqual([0, 0, 1, 1, 2])
  })
})

test('two lists have in common what they begin with', () => {
  const shared = (one: number[], other: number[]) => sharedShards(one.map(principal), other.map(principal))
  expect(shared([2, 3], [2, 3, 4])).toBe(2)
  expect(shared([2, 3, 4], [2, 3])).toBe(2)
  expect(shared([2, 3], [2, 4])).toBe(1)
  expect(shared([2], [3])).toBe(0)
  expect(shared([], [3])).toBe(0)
})

test('a list of shards grows at its end and nowhere else', () => {
  const moved = refuse.badInput('logShards', 'order')
  expect(wrongLogShards(listOf(2), null)).toBeNull()
  expect(wrongLogShards(listOf(2, 3), listOf(2))).toBeNull()
  expect(wrongLogShards(listOf(2, 3), listOf(2, 3))).toBeNull()
  expect(wrongLogShards(listOf(3, 2), listOf(2, 3))).toEqual(moved)
  expect(wrongLogShards(listOf(2), listOf(2, 3))).toEqual(moved)
  expect(wrongLogShards(listOf(), listOf(2))).toEqual(moved)
  expect(wrongLogShards(listOf(...Array.from({ length: 65 }, (_, i) => i)), null)).toEqual(
    refuse.badInput('logShards', 'range'),
  )
})
