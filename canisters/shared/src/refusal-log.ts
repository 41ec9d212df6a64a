import {
  detailFields,
  equalBytes,
  EVENT,
  LEAF_FLAG,
  REFUSAL_LEAVES_PER_HOUR,
  type RefusalArm,
} from '@medguard/protocol'
import type { Buckets } from './buckets.ts'
import { BUDGET_TAG } from './budgets.ts'
import type { Outboxes } from './outboxes.ts'

/** Which method a refusal leaf speaks of (`detailFields.refused`). */
export const REFUSED_METHOD = { derive: 1, list: 2, open: 3, rewrap: 4 } as const

export interface RefusedRequest {
  /** Raw principal. */
  readonly caller: Uint8Array
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
  /** Null for who came as the owner. */
  readonly grantId: Uint8Array | null
  readonly method: number
  readonly refusal: RefusalArm
  readonly requestId: Uint8Array
}
export interface RefusalLogOptions {
  readonly outbox: Pick<Outboxes, 'isFull' | 'queue'>
  readonly budgets: Buckets
  readonly isAccount: (principal: Uint8Array) => boolean
  readonly isPatient: (patientId: Uint8Array) => boolean
  readonly nowNs: () => bigint
  /** Runs a job in a message of its own. */
  readonly schedule: (delaySeconds: number, job: () => void) => void
  /** The organisation through which somebody asked; zeros for who asked by themselves, in the name of one that they never worked for, or for another patient than the grant's: its administrators would learn who is there. */
  readonly orgOf: (grantId: Uint8Array, patientId: Uint8Array, caller: Uint8Array) => Uint8Array
  /** Runs behind the line of somebody whose grant has ended. */
  readonly onEnded?: (patientId: Uint8Array) => void
}

const ZERO_ID = new Uint8Array(16)
/** Between one message and the next; more than that at once is a flood, of which a sample is enough. */
const NOTED_MAX = 256

/**
 * Traces of refused account holders, in the log of the patient they aimed at: at most 60 an hour each (decision 23, I18). Whether somebody has an
 * account and whether the patient exists is looked up in a later message, so that a refusal costs the same whatever it found (I7).
 */
export function createRefusalLog(options: RefusalLogOptions) {
  const { outbox, budgets, isAccount, isPatient, orgOf, nowNs, schedule, onEnded } = options
  let noted: RefusedRequest[] = []
  const write = (refused: RefusedRequest) => {
    const { caller, patientId, compartmentKind, cid, grantId, method, refusal, requestId } = refused
    if (!isAccount(caller) || outbox.isFull(patientId)) return
    const budget = new Uint8Array(1 + caller.length)
    budget[0] = BUDGET_TAG.refusalLeaf
    budget.set(caller, 1)
    if (budgets.take(budget, REFUSAL_LEAVES_PER_HOUR, nowNs()) > 0) return
    const code = 'NotPermitted' in refusal ? 1 : 'ConsentEnded' in refusal ? 2 : 3
    const orgId = grantId === null ? ZERO_ID : orgOf(grantId, patientId, caller)
    outbox.queue({
      event: EVENT.refused,
      flags: equalBytes(orgId, ZERO_ID) ? 0 : LEAF_FLAG.viaOrganisation,
      compartmentKind,
      actor: caller,
      patientId: isPatient(patientId) ? patientId : ZERO_ID,
      objectId: cid,
      requestId,
      fields: detailFields.refused({ method, refusal: code, grantId: grantId ?? ZERO_ID, orgId }),
    })
    if (code === 2) onEnded?.(patientId)
  }
  return {
    note(refused: RefusedRequest): void {
      if (noted.length >= NOTED_MAX) return
      // Every time anew: a timer that trapped is gone, and an empty run costs next to nothing.
      schedule(0, () => {
        const due = noted
        noted = []
        for (const each of due) write(each)
      })
      noted.push(refused)
    },
  }
}
export type RefusalLog = ReturnType<typeof createRefusalLog>
