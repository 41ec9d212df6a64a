import { beforeAll, describe, expect, test } from 'vitest'
import { FLOWS, openTrapWorld, type TrapWorld } from './trap-sweep.ts'

/** `npm run test:long -- traps` tries every system call, `npm test` some of each message. */
const EVERY = process.env['MEDGUARD_LONG'] === '1' ? 1 : 61
/** What somebody may hear whose message broke off: the network's word for a trap, or a refusal that says to ask again. */
const ANSWERS = ['Ok', 'IC0502', 'LogUnavailable', 'Busy']

let world: TrapWorld
beforeAll(async () => {
  world = await openTrapWorld()
})

describe('a message that traps at a system call, be it the first, the last or any between', () => {
  test.each(FLOWS)(
    'in %s undoes itself, and whoever asks again is served',
    async (flow) => {
      const cases = await world.sweep(flow, EVERY)
      expect(cases.length).toBeGreaterThan(5)
      for (const one of cases) {
        expect(ANSWERS, JSON.stringify(one)).toContain(one.answer)
        expect(one.repeats.at(-1), JSON.stringify(one)).toBe('Ok')
      }
    },
    3_600_000,
  )

  test('leaves a log in which each change stands once', async () => {
    const lines = await world.trail()
    const changes = lines
      .filter(({ event }) => ['grant', 'revoke', 'recordAdd'].includes(event))
      .map(({ event, objectId, grantId }) => `${event} ${grantId ?? objectId}`)
    expect(changes.length).toBeGreaterThan(20)
    expect(changes.filter((change, at) => changes.indexOf(change) !== at)).toEqual([])
  })
})
