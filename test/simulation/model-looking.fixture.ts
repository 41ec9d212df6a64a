import { kindOf } from '../scenarios/clinic.ts'
import { Rejected } from '../scenarios/clinic.ts'
import { placeOf } from '../scenarios/sealed-record.ts'
import { ALL_POWERS, CHILD, HALVES, OWNER, PLACES, vaultOf } from './model-facts.ts'
import { everySignIn, type Run } from './model-steps.fixture.ts'

// What is asked without changing anything: between any two messages, and once everything is at rest.

/** Of the last that were asked for, so many are asked for again after every step. */
const LOOKED_AT = 3
const REFUSALS = new Set(['NotPermitted', 'ConsentEnded', 'Paused', 'Unverified'])

/** Whoever asked for something lately gets the ciphertext there exactly when records lets them, in that very moment. */
export function judgeNow(run: Run): void {
  const { net, model } = run
  run.tick()
  for (const { who, place, agreementId } of model.lastAsked(LOOKED_AT)) {
    const recordId = run.records.get(place)?.at(-1)?.recordId
    if (recordId === undefined) continue
    const arg = { ...placeOf(run.reachOf(place, agreementId)), recordId, version: 1, index: 0 }
    const act = { kind: 'open', who, place, agreementId, recordId: Buffer.from(recordId).toString('hex') } as const
    const may = model.gives(act, 'records', run.step())
    try {
      const kind = kindOf(net.query(run.principalOf(who), 'records', 'chunk', arg))
      if ((kind === 'Ok') !== may || (kind !== 'Ok' && !REFUSALS.has(kind)))
        model.faults.push(`${who} asks for ciphertext at ${place} in step ${run.step()}: ${kind}`)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error // it is stopped or on its way to another module
    }
  }
}

/** Whom a patient is told that they can open a place are those whom it is opened to (A06). */
export async function judgeAudiences(run: Run): Promise<void> {
  const { net, model, signIns } = run
  for (const place of PLACES) {
    const vault = vaultOf(place)
    const everybody = everySignIn(signIns)
    const looking = everybody.find((who) => model.facts.acts('consent', who, vault, ['read'], run.step()))
    if (looking === undefined) continue
    run.tick()
    const gives = (who: string, agreementId: string | null) =>
      model.gives({ kind: 'derive', who, place, agreementId, recordId: null }, 'consent', run.step())
    const ways = [null, ...model.agreements.keys()]
    const expected = everybody.flatMap((who) => ways.filter((id) => gives(who, id)).map((id) => `${who} ${id ?? ''}`))
    const nameOf = new Map(everybody.map((who) => [run.principalOf(who).toText(), who]))
    const { patientId, compartmentKind, cid } = placeOf(run.reachOf(place, null))
    const page = (grantId: [] | [Uint8Array]) =>
      net.ok(run.principalOf(looking), 'consent', 'audience', {
        patientId: [patientId],
        compartmentKind,
        cid,
        grantId,
        from: 0,
        count: 50,
      })
    const first = await page([])
    const pages = [first]
    for (const { grantId } of first.organisations) pages.push(await page([grantId]))
    const told = pages.flatMap(({ members }) =>
      members.map(({ principal, grantId: [id] }) => {
        const agreement = id === undefined ? '' : Buffer.from(id).toString('hex')
        return `${nameOf.get(principal.toText()) ?? 'somebody'} ${agreement}`
      }),
    )
    const [is, should] = [[...new Set(told)].toSorted(), expected.toSorted()]
    if (is.join() !== should.join())
      model.faults.push(`${looking} is told that ${place} is open to ${is.join()}, and it is to ${should.join()}`)
  }
}

/** What each canister says of who stands behind a vault is what it was told. */
export async function judgeStanding(run: Run): Promise<void> {
  const { net, model, signIns, people, recoveries } = run
  for (const half of HALVES)
    for (const vault of [OWNER, CHILD]) {
      run.tick()
      const [step, nowNs] = [run.step(), net.nowNs()]
      const everybody = everySignIn(signIns)
      const looking = everybody.find((who) => model.facts.acts(half, who, vault, ALL_POWERS, step))
      if (looking === undefined) continue
      const patientId: [Uint8Array] = [run.patientIds.get(vault) ?? new Uint8Array(16)]
      const view = await net.ok(run.principalOf(looking), half, 'people', { patientId })
      const nameOf = new Map(everybody.map((who) => [run.principalOf(who).toText(), who]))
      const waiting = recoveries.of(half, vault).waits(nowNs)
      const told = {
        signIns: view.principals.flatMap(({ principal, isActive }) =>
          isActive ? [nameOf.get(principal.toText())] : [],
        ),
        representatives: view.representatives.map(({ principal, endNs: [endNs], isAccepted }) =>
          [nameOf.get(principal.toText()), endNs ?? 0n, isAccepted].join(),
        ),
        waiting: view.waiting.map(({ readyNs }) => readyNs).join(),
        erasure: view.erasure.length > 0,
      }
      const announcedNs = people.announced.get(half)
      const expected = {
        signIns: everybody.filter((who) => who.startsWith(vault) && model.facts.isKnown(half, who, step)),
        representatives: people
          .present(half, vault, nowNs)
          .map(({ person, endNs, isAccepted }) => [`${person} 1`, endNs ?? 0n, isAccepted].join()),
        waiting: waiting === null ? '' : `${waiting.readyNs}`,
        erasure: vault === CHILD && announcedNs !== undefined && nowNs < announcedNs + 7n * 86_400_000_000_000n,
      }
      if (JSON.stringify(told) !== JSON.stringify(expected))
        model.faults.push(`${half} says of ${vault} ${JSON.stringify(told)}, and it is ${JSON.stringify(expected)}`)
    }
}
