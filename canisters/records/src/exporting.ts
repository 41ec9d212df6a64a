import {
  type ArgOf,
  encodeFields,
  EVENT,
  HASH_BYTES,
  POWER,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import { decide, NOBODYS, nowNs, takeLines, vaultNamed } from '@medguard/shared'
import { type Context, purposeOf } from './context.ts'
import { wrongIds } from './rules.ts'

/**
 * A line in the vault's log for what somebody took out of it: an archive of one's own, or what one may open under a grant, whose id is then the line's object.
 * What was read for it has lines of its own.
 */
export function noteExport(
  context: Context,
  { patientId: [named], grantId: [grantId], archiveHash, count, requestId }: ArgOf<RecordsService['noteExport']>,
  caller: Uint8Array,
): RetOf<RecordsService['noteExport']> {
  const wrong = wrongIds({ requestId, patientId: named ?? null, grantId: grantId ?? null })
  if (wrong !== null) return { Err: wrong }
  if (archiveHash.length !== HASH_BYTES) return { Err: refuse.badInput('archiveHash', 'length') }
  const of = grantId === undefined ? ownVault(context, named, caller) : sharedVault(context, grantId, caller)
  if ('refusal' in of) return { Err: of.refusal }
  if (context.outbox.isFull(of.patientId)) return { Err: refuse.logUnavailable }
  const { patientId } = of
  const payer = context.facts.account(caller)?.patientId ?? patientId
  const wait = takeLines(context.budgets, payer, 1, nowNs())
  if (wait !== null) return { Err: wait }
  context.outbox.queue({
    event: EVENT.exported,
    actor: caller,
    patientId,
    objectId: grantId ?? patientId,
    purpose: purposeOf(context, grantId ?? null),
    requestId,
    fields: encodeFields('exported', { archiveHash, count }),
  })
  return { Ok: null }
}

type Exported = { readonly patientId: Uint8Array } | { readonly refusal: RefusalArm }

function ownVault({ facts }: Context, named: Uint8Array | undefined, caller: Uint8Array): Exported {
  return vaultNamed(named, caller, facts, POWER.read, nowNs()) ?? { refusal: refuse.notPermitted }
}

/** By the rule that gives records out, asked about the first place of the grant: a right holds in all of them. */
function sharedVault({ facts }: Context, grantId: Uint8Array, caller: Uint8Array): Exported {
  const { grant } = facts.grant(grantId) ?? NOBODYS
  const { patientId } = grant
  const [place = { compartmentKind: 0, cid: grantId }] = grant.compartments
  const decision = decide({ caller, patientId, ...place, grantId, anyOf: RIGHT.open }, facts, nowNs())
  return decision.kind === 'permit' ? { patientId } : decision
}
