import type { Principal } from '@medguard/protocol'
import { accessTable, casesOf } from '../scenarios/access-table.ts'
import type { CanisterName, Sender } from '../scenarios/clinic.ts'
import { CONTROLLER, somebody, type Stepped } from '../scenarios/stepped.ts'
import { CALLERS, openWard, type WardClinic } from '../scenarios/ward.ts'
import { type Scene, storyOf } from './stories.fixture.ts'

// Each method asked by somebody who may: from the table of who may do what where it can be asked at once, after its story where it cannot.

/** Whoever may ask, and what: made anew for each time. */
export type Question = () => Promise<Scene>
/** Null where nobody may: only another canister. */
export type Questions = (canister: CanisterName, method: string) => Question | null

/** The ward has the table's people in it, the other network a council and whoever the stories bring. */
export type Kind = 'ward' | 'stories'
export const kindFor = (canister: CanisterName, method: string): Kind =>
  storyOf(canister, method) === null ? 'ward' : 'stories'

/** A person has so many children, requests and organisations and no more: then another ward is opened. */
export async function wardQuestions(net: Stepped): Promise<Questions> {
  const ward = await openWard(clinicOn(net))
  const table = accessTable(ward)
  const log = { reader: personIn(ward.senderOf('owner')), of: { patient: ward.account.patientId } }
  return (canister, method) => {
    for (const { expected, tries } of casesOf(table, canister, method))
      for (const caller of CALLERS) {
        const isTheirs = expected[caller] === 'Ok' || (expected[caller] === 'IdConflict' && caller === 'controller')
        if (isTheirs)
          return async () => ({
            sender: personIn(ward.senderOf(caller)),
            arg: (await tries(caller))[0]?.exists,
            log,
          })
      }
    return null
  }
}
function personIn(sender: Sender): Principal {
  if (sender === 'canister') throw new Error('people ask')
  return sender
}
export const storyQuestions =
  (net: Stepped): Questions =>
  (canister, method) => {
    const story = storyOf(canister, method)
    return story === null ? null : () => story(net)
  }

/** A network of messages as the ward asks for it. */
export function clinicOn(net: Stepped): WardClinic {
  return {
    ids: net.ids,
    call: net.call,
    ok: net.ok,
    controller: CONTROLLER,
    person: (name) => ({ principal: somebody(name) }),
    nowNs: async () => net.nowNs(),
    async advance(byNs) {
      net.setTime(net.nowNs() + byNs)
      net.settle()
    },
  }
}
