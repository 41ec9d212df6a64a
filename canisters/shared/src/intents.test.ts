import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { beginMessage, cleanUp, currentFlow } from './flow.ts'
import { createIntents, type Entered, type Held } from './intents.ts'
import { memoryMap } from './maps.ts'

const id = (n: number) => new Uint8Array(16).fill(n)
const digest = (n: number) => new Uint8Array(32).fill(n)
const outcome = (n: number) => Uint8Array.of(n, n)
const limits = { openMax: 4, doneMax: 3 }

function held(entered: Entered): Held {
  if (entered.kind !== 'begun' && entered.kind !== 'resumed') throw new Error(entered.kind)
  return entered.held
}

describe('an intent', () => {
  test('is one flow’s until it ends, and then answers the same for ever', () => {
    const intents = createIntents({ rows: memoryMap(), ...limits })
    const mine = held(intents.enter(id(1), digest(1)))
    expect(intents.enter(id(1), digest(1))).toEqual({ kind: 'busy' })
    expect(intents.enter(id(1), digest(2))).toEqual({ kind: 'conflict' })
    mine.finish(outcome(7))
    expect(intents.enter(id(1), digest(1))).toEqual({ kind: 'done', outcome: outcome(7) })
    expect(intents.enter(id(1), digest(2))).toEqual({ kind: 'conflict' })
    mine.release()
    expect(() => mine.finish(outcome(8))).toThrow('once')
    expect(() => mine.abandon()).toThrow('once')
  })

  test('goes on from its step after a trap, which frees it, and after an upgrade, which drops all locks', () => {
    const rows = memoryMap()
    let intents = createIntents({ rows, ...limits })
    beginMessage()
    held(intents.enter(id(1), digest(1))).reach(1)
    const flow = currentFlow()
    beginMessage()
    expect(intents.enter(id(1), digest(1))).toEqual({ kind: 'busy' })
    cleanUp(flow)
    const again = intents.enter(id(1), digest(1))
    expect(again).toMatchObject({ kind: 'resumed', held: { step: 1 } })
    held(again).reach(2)
    intents = createIntents({ rows, ...limits })
    expect(intents.enter(id(1), digest(1))).toMatchObject({ kind: 'resumed', held: { step: 2 } })
  })

  test('is not freed by the trap of a flow that had let go of it', () => {
    const intents = createIntents({ rows: memoryMap(), ...limits })
    beginMessage()
    held(intents.enter(id(1), digest(1))).release()
    const flow = currentFlow()
    beginMessage()
    held(intents.enter(id(1), digest(1)))
    cleanUp(flow)
    expect(intents.enter(id(1), digest(1))).toEqual({ kind: 'busy' })
  })

  test('has steps that rise', () => {
    const intents = createIntents({ rows: memoryMap(), ...limits })
    const mine = held(intents.enter(id(1), digest(1)))
    mine.reach(3)
    for (const step of [3, 2, 256]) expect(() => mine.reach(step)).toThrow('rise')
  })
})

test('any sequence keeps rows bounded and agrees with a plain list', () => {
  const act = fc.record({
    what: fc.constantFrom('enter', 'enter', 'reach', 'finish', 'abandon', 'release', 'upgrade'),
    n: fc.nat(7),
    other: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const rows = memoryMap()
      let intents = createIntents({ rows, ...limits })
      const holders = new Map<number, Held>()
      const open = new Map<number, number>() // id -> step
      const done: number[] = []
      for (const { what, n, other } of acts) {
        if (what === 'upgrade') {
          intents = createIntents({ rows, ...limits })
          holders.clear()
          continue
        }
        const holder = holders.get(n)
        if (what === 'enter') {
          const entered = intents.enter(id(n), digest(other ? 99 : n))
          const isKnown = open.has(n) || done.includes(n)
          const expected =
            isKnown && other
              ? 'conflict'
              : done.includes(n)
                ? 'done'
                : holder !== undefined
                  ? 'busy'
                  : open.has(n)
                    ? 'resumed'
                    : open.size >= limits.openMax
                      ? 'full'
                      : 'begun'
          if (expected === 'begun' && other) {
            if (entered.kind === 'begun') entered.held.abandon()
            continue
          }
          expect(entered.kind).toBe(expected)
          if (entered.kind === 'done') expect(entered.outcome).toEqual(outcome(n))
          if (entered.kind !== 'begun' && entered.kind !== 'resumed') continue
          expect(entered.held.step).toBe(open.get(n) ?? 0)
          holders.set(n, entered.held)
          open.set(n, entered.held.step)
        } else if (holder !== undefined) {
          const step = (open.get(n) ?? 0) + 1
          if (what === 'reach') {
            holder.reach(step)
            open.set(n, step)
            continue
          }
          holders.delete(n)
          if (what === 'release') holder.release()
          else {
            open.delete(n)
            if (what === 'finish') {
              holder.finish(outcome(n))
              done.push(n)
              if (done.length > limits.doneMax) done.shift()
            } else holder.abandon()
          }
        }
        expect(intents.open()).toBe(open.size)
        expect(rows.size()).toBeLessThanOrEqual(1 + limits.openMax + 2 * limits.doneMax)
      }
    }),
  )
})
