import { sha256 } from '@noble/hashes/sha2'
import { equalBytes, NS_PER_MS, refusalOf, refuse, toHex } from '@medguard/protocol'
import type { ErasureReceipt, RecordsPart } from './api-records.ts'
import { readEvidence } from './evidence.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { retried } from './retrying.ts'
import type { Searching } from './searching.ts'
import type { Session } from './session.ts'

const EVIDENCE_TRIES = 8
const EVIDENCE_WAIT_MS = 250

/** Both halves of the erasure of a vault (keys.md, section 17): consent shuts and salts go, records empties, consent forgets who it was. */
export function eraseMethod(session: Session, searching: Pick<Searching, 'erased'>): Pick<RecordsPart, 'erase'> {
  const { canisters, unlocked, enrolled, actsFor } = session
  return {
    erase: (vaultId) =>
      unlocked(async () => {
        const account = actsFor === null ? await enrolled() : null
        const own = actsFor ?? account?.patientId ?? okOf(await canisters.consent.whoAmI(null)).erasing[0]
        const patientId = idOf(vaultId)
        // Without an account it may be one that is gone already: who had it gets the receipt again.
        if (own !== undefined && !equalBytes(own, patientId)) throw new Refused(refusalOf(refuse.notPermitted))
        const named = () => ({ patientId, requestId: newId() })
        const { begunNs } = okOf(await retried(() => canisters.consent.eraseBegin(named())))
        const ask = () => retried(async () => okOf(await canisters.records.erase(named())))
        let erased = await ask()
        while (!erased.isDone) erased = await ask()
        await searching.erased()
        const text = JSON.stringify({
          format: 'medguard-erasure/1',
          vault: toHex(patientId),
          [actsFor === null ? 'owner' : 'erasedBy']: session.identity.getPrincipal().toText(),
          begun: new Date(Number(begunNs / NS_PER_MS)).toISOString(),
          versions: erased.versions,
          bytes: erased.sizeBytes.toString(),
          shares: erased.shares,
        })
        const receiptHash = sha256(new TextEncoder().encode(text))
        const finish = () => retried(async () => okOf(await canisters.consent.eraseFinish({ ...named(), receiptHash })))
        while (!(await finish()).isDone);
        return {
          text,
          evidence: account === null ? null : await evidenceOf(session, patientId),
        } satisfies ErasureReceipt
      }),
  }
}

/** The patient's history up to the end, once it is there: the last line comes by the outbox. */
async function evidenceOf(session: Session, patientId: Uint8Array): Promise<string | null> {
  const { canisters, network, headMemory, identity } = session
  const reading = { canisters, network, headMemory, account: await session.holder(), reader: identity.getPrincipal() }
  for (let turn = 0; turn < EVIDENCE_TRIES; turn++) {
    try {
      const { file, items } = await readEvidence(reading, { kind: 'patient', id: patientId }, {})
      if (items.some(({ event }) => event === 'eraseDone')) return file
    } catch {
      // The vault is gone whether or not the log can be read now: the receipt says so either way.
    }
    await new Promise((resolve) => setTimeout(resolve, EVIDENCE_WAIT_MS))
  }
  return null
}
