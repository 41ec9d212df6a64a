import { NS_PER_HOUR, NS_PER_MINUTE, purposeCode, RIGHT, toHex } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { CLINIC, personOf } from './model-facts.ts'
import { anyActing, anySignIn, bitOf, doingsOfSharing, whoseOf } from './model-sharing.fixture.ts'
import { type Doings, placesOf, READERS, type Run } from './model-steps.fixture.ts'

/** Who asks for access, for themselves or for where they work, and who takes that back or denies it; to answer is to share. */
export function doingsOfAsking(run: Run): Pick<Doings, 'ask' | 'answer' | 'close'> {
  const { model } = run
  const { share } = doingsOfSharing(run)
  const { facts } = model
  /** Whether a patient does not hear of it: they blocked who asks, or hear of nobody, or only of whom they shared with before. */
  const isUnheard = (vault: string, by: string, reader: string): boolean => {
    const is = (what: string) => facts.is('consent', what, run.step())
    const isKnown = [...model.agreements.values()].some(
      (each) => each.vault === vault && each.copies.consent !== null && [by, reader].includes(each.reader),
    )
    return (
      is(`erased ${vault}`) ||
      is(`blocked ${by} ${vault}`) ||
      is(`requests nobody ${vault}`) ||
      (is(`requests known ${vault}`) && !isKnown)
    )
  }
  const doings: Pick<Doings, 'ask' | 'answer' | 'close'> = {
    ask({ whose, isForClinic, reader, places, rights, minutes }) {
      const who = anySignIn(run, READERS[reader % 2] ?? 'ann', places)
      const vault = whoseOf(whose)
      const named = placesOf(vault, places)
      const askId = freshId()
      const periodNs = BigInt(minutes) * NS_PER_MINUTE
      const expiresNs = run.net.nowNs() + NS_PER_HOUR
      const asked = rights.filter((right) => right !== 'rewrap')
      const arg = {
        askId,
        patient: run.homeOf(vault),
        forOrg: isForClinic ? [run.orgId] : [],
        categories: named.reduce((sum, place) => sum | bitOf(place), 0),
        rights: asked.reduce((sum, right) => sum | RIGHT[right], 0),
        purpose: purposeCode(isForClinic ? 'TREAT' : 'FAMRQT'),
        periodNs,
        expiresNs,
        requestId: freshId(),
      }
      run.quietly(who, 'consent', 'requestAccess', arg, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        const by = personOf(who)
        const is = (what: string) => facts.is('consent', what, run.step())
        if (isForClinic && !(is(`member ${by}`) && is(CLINIC)))
          model.faults.push(`${who} asks for a clinic that they do not work for, or that is not in force`)
        model.asks.push({
          id: toHex(askId),
          by,
          vault,
          reader: isForClinic ? CLINIC : by,
          isUnheard: isUnheard(vault, by, isForClinic ? CLINIC : by),
          places: named,
          rights: asked,
          periodNs,
          expiresNs,
          closedIn: null,
        })
      })
    },
    async answer({ to, by, ...asked }) {
      await doings.ask(asked)
      while (run.deliver(0)) continue
      const shared = { ...asked, reader: to, by, only: null, isNamed: to % 2 === 0, excludes: null }
      if (model.asks.length > 0) await share({ ...shared, answering: model.asks.length - 1 })
    },
    close({ which, who, isDenied }) {
      const ask = model.asks[which % Math.max(1, model.asks.length)]
      if (ask === undefined) return
      const by = who % 3 === 0 ? anyActing(run, ask.vault, which) : anySignIn(run, READERS[who % 3] ?? 'ann', which)
      const arg = { askId: Uint8Array.from(Buffer.from(ask.id, 'hex')), requestId: freshId() }
      run.quietly(by, 'consent', isDenied ? 'denyRequest' : 'withdrawRequest', arg, (answer) => {
        if (kindOf(answer) !== 'Ok') return
        const isTheirs = isDenied
          ? facts.acts('consent', by, ask.vault, ['share'], run.step()) && !ask.isUnheard
          : personOf(by) === ask.by && facts.isKnown('consent', by, run.step())
        if (!isTheirs) model.faults.push(`${by} closes a request of ${ask.by} to ${ask.vault}`)
        ask.closedIn ??= run.step()
      })
    },
  }
  return doings
}
