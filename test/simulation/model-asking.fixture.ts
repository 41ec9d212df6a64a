import { NS_PER_HOUR, NS_PER_MINUTE, purposeCode, RIGHT, toHex } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { OWNER, personOf, signIn } from './model-facts.ts'
import { anySignIn } from './model-sharing.fixture.ts'
import { type Doings, placesOf, READERS, type Run } from './model-steps.fixture.ts'

/** As a patient sees them: one bit for each category. */
const BIT_OF: Readonly<Record<string, number>> = { labs: 1 << 1, vitals: 1 << 5 }

/** Who asks for access, and who takes that back or denies it; to answer is to share. */
export function doingsOfAsking(run: Run): Pick<Doings, 'ask' | 'close'> {
  const { model } = run
  return {
    ask({ reader, places, rights, minutes }) {
      const who = anySignIn(run, READERS[reader % 2] ?? 'ann', places)
      const named = placesOf(places)
      const askId = freshId()
      const periodNs = BigInt(minutes) * NS_PER_MINUTE
      const expiresNs = run.net.nowNs() + NS_PER_HOUR
      const arg = {
        askId,
        patient: run.principalOf(signIn(OWNER, 1)),
        forOrg: [],
        categories: named.reduce((sum, place) => sum + (BIT_OF[place] ?? 0), 0),
        rights: rights.reduce((sum, right) => sum | RIGHT[right], 0),
        purpose: purposeCode('FAMRQT'),
        periodNs,
        expiresNs,
        requestId: freshId(),
      }
      run.quietly(who, 'consent', 'requestAccess', arg, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        const by = personOf(who)
        model.asks.push({
          id: toHex(askId),
          by,
          places: named,
          rights,
          periodNs,
          expiresNs,
          closedIn: null,
        })
      })
    },
    close({ which, who, isDenied }) {
      const ask = model.asks[which % Math.max(1, model.asks.length)]
      if (ask === undefined) return
      const by = anySignIn(run, [OWNER, ...READERS][who % 3] ?? OWNER, which)
      const arg = { askId: Uint8Array.from(Buffer.from(ask.id, 'hex')), requestId: freshId() }
      run.quietly(by, 'consent', isDenied ? 'denyRequest' : 'withdrawRequest', arg, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        const isTheirs = personOf(by) === (isDenied ? OWNER : ask.by) && model.facts.isKnown('consent', by, run.step())
        if (!isTheirs) model.faults.push(`${by} closes a request of ${ask.by}`)
        ask.closedIn ??= run.step()
      })
    },
  }
}
