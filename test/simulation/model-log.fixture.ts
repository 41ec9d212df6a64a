import { decodeDetail, eventName, idsInDetail, NS_PER_MINUTE, type Principal, toHex } from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import { somebody, type Stepped } from '../scenarios/stepped.ts'
import { categoryOf, give, grantArg, takeBack } from '../scenarios/ward.ts'
import { personOf } from './model-facts.ts'
import type { LoggedLine } from './model-log.ts'
import { everySignIn, type Run } from './model-steps.fixture.ts'

// How the log of a run is read.

/** A stop may lose the timer by which leaves go to the log: then they go with the next change, whoever makes it. */
export async function flush(net: Stepped): Promise<void> {
  const [spare, to] = [somebody('spare'), somebody('other')]
  const account = await net.ok(spare, 'consent', 'whoAmI', null)
  const [own] = account.account
  if (own === undefined) throw new Error('spare has an account')
  const startNs = net.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_MINUTE, purpose: 0 }
  const grantId = await give(net, spare, grantArg({ to, compartments: [categoryOf(own, 'labs')], ...period }))
  net.settle()
  await takeBack(net, spare, grantId)
  net.setTime(net.nowNs() + 2n * NS_PER_MINUTE)
  net.settle()
}

/** A sign-in that reads the patient's log, also when the vault is erased; or null. */
export function logReader({ model, signIns, step }: Run, vault: string): string | null {
  const readsOf = (who: string) =>
    personOf(who) === vault
      ? model.facts.is('consent', `sign-in ${who}`, step())
      : model.facts.acts('consent', who, vault, ['read'], step())
  return everySignIn(signIns).find(readsOf) ?? null
}

export async function linesOf(net: Stepped, patient: Principal, patientId: Uint8Array): Promise<LoggedLine[]> {
  const lines: LoggedLine[] = []
  for (let total = 1n; BigInt(lines.length) < total;) {
    const page = await net.ok(patient, 'audit', 'leaves', {
      of: { patient: patientId },
      fromSeq: BigInt(lines.length),
      count: 50,
    })
    total = page.total
    for (const { leaf, detail } of page.entries) {
      const read = decodeLeaf(new Uint8Array(leaf))
      const told = decodeDetail(new Uint8Array(detail))
      if (!read.ok || told === null) throw new Error('the log holds leaves')
      const event = eventName(read.value.event) ?? 'unknown'
      const { grantId } = event === 'unknown' ? { grantId: null } : idsInDetail(event, told.fields)
      lines.push({
        event,
        requestId: toHex(told.head.requestId),
        grantId: grantId === null ? null : toHex(grantId),
        timeNs: read.value.timeNs,
      })
    }
  }
  return lines
}
