import { type CouncilAct, ORG_KINDS, Principal, toHex } from '@medguard/protocol'
import type { ActAbout } from './trust-api.ts'

// What the council votes on, as whoever is asked for a vote is told it.

export function aboutOf(act: CouncilAct): ActAbout {
  switch (act.kind) {
    case 'verify': {
      const { kind, name, untilNs } = act
      const orgKind = ORG_KINDS[act.orgKind] ?? 'other'
      return { kind, orgId: toHex(act.orgId), name, orgKind, registrant: codeOf(act.registrant), untilNs }
    }
    case 'suspend':
    case 'reinstate':
      return { kind: act.kind, orgId: toHex(act.orgId) }
    case 'changeCouncil':
      return { kind: act.kind, members: act.council.members.map(codeOf), threshold: act.council.threshold }
    case 'setPolicy':
      return act
  }
}

/** On a terminal. */
export function wordsOf(act: ActAbout): string {
  switch (act.kind) {
    case 'verify':
      return `verify ${act.name} (${act.orgKind}, ${act.orgId}, registered by ${act.registrant}) until ${new Date(Number(act.untilNs / 1_000_000n)).toISOString()}`
    case 'suspend':
    case 'reinstate':
      return `${act.kind} ${act.orgId}`
    case 'changeCouncil':
      return `change the council to ${act.threshold} of ${act.members.join(', ')}`
    case 'setPolicy':
      return act.invitationRequired ? 'require an invitation of new people' : 'let everybody open an account'
  }
}

const codeOf = (raw: Uint8Array): string => Principal.fromUint8Array(raw).toText()
