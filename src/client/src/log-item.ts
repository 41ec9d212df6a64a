import {
  type Account,
  categoryName,
  COMPARTMENT_KIND,
  decodeFields,
  type EventName,
  eventName,
  idsInDetail,
  LEAF_FLAG,
  moduleIn,
  orgIdInDetail,
  Principal,
  PURPOSES,
  toHex,
} from '@medguard/protocol'
import type { Leaf } from '@medguard/tlog'
import type { LogFilter, LogItem } from './api.ts'

/** An entry whose proof holds. */
export interface ReadableEntry {
  readonly leaf: Leaf
  readonly detail: { readonly head: { readonly purpose: number; readonly source: number }; readonly fields: Uint8Array }
}

const NO_IDS = { grantId: null, cid: null }
const hexOf = (id: Uint8Array | null): string | null => (id === null ? null : toHex(id))

/** An entry as the edges show it. @param compartments of the reader, whose categories have names. */
export function itemOf({ leaf, detail }: ReadableEntry, { compartments }: Pick<Account, 'compartments'>): LogItem {
  const event = eventName(leaf.event)
  const ids = event === null ? NO_IDS : idsInDetail(event, detail.fields)
  const cid = hexOf(ids.cid)
  const own = compartments.find((compartment) => toHex(compartment.cid) === cid)
  const fields: Fields = event === null ? {} : decodeFields(event, detail.fields)
  return {
    shard: 0,
    leafIndex: BigInt(leaf.index),
    seq: BigInt(leaf.patientSeq),
    timeNs: leaf.timeNs,
    event: event ?? 'unknown',
    actor: Principal.fromUint8Array(leaf.actor).toText(),
    objectId: toHex(leaf.objectId),
    versionOrEpoch: leaf.versionOrEpoch,
    category:
      leaf.compartmentKind === COMPARTMENT_KIND.share
        ? 'shared'
        : own === undefined
          ? null
          : categoryName(own.category),
    purpose: PURPOSES[detail.head.purpose] ?? null,
    grantId: hexOf(ids.grantId),
    failedOrWithheld: (leaf.flags & LEAF_FLAG.failedOrWithheld) !== 0,
    orgId: event === null ? null : hexOf(orgIdInDetail(event, detail.fields)),
    subject: subjectIn(fields),
    reason: event === null ? null : reasonIn(event, fields),
    details: { ...detailsOf(fields), ...(event === 'upgrade' ? moduleOf(detail) : {}) },
  }
}

type Fields = Readonly<Record<string, Uint8Array | number | bigint>>
/** Fields that hold a principal. */
const PRINCIPALS = ['principal', 'grantee'] as const

function subjectIn(fields: Fields): string | null {
  for (const name of PRINCIPALS) {
    const bytes = fields[name]
    if (bytes instanceof Uint8Array && bytes.length > 0) return Principal.fromUint8Array(bytes).toText()
  }
  return null
}

const detailsOf = (fields: Fields): LogItem['details'] =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, detailOf(name, value)]))

/** What runs in which canister, and who controls it, once the network has told. */
function moduleOf({ head, fields }: ReadableEntry['detail']): LogItem['details'] {
  const canister = CANISTERS[head.source] ?? 'unknown'
  const module = moduleIn(fields)
  if (module === null) return { canister }
  const controllers = module.controllers.map((each) => Principal.fromUint8Array(each).toText())
  return { canister, moduleHash: toHex(module.moduleHash), controllers: controllers.join(' ') }
}
const CANISTERS: Readonly<Record<number, string>> = { 1: 'consent', 2: 'records', 3: 'audit' }

function detailOf(name: string, value: Uint8Array | number | bigint): string | number | bigint {
  if (!(value instanceof Uint8Array)) return value
  if (!(PRINCIPALS as readonly string[]).includes(name)) return toHex(value)
  return value.length === 0 ? '' : Principal.fromUint8Array(value).toText()
}

const REFUSALS: Readonly<Record<number, string>> = { 1: 'NotPermitted', 2: 'ConsentEnded' }
const REQUEST_ENDS: Readonly<Record<number, string>> = { 1: 'withdrawn', 2: 'expired' }

function reasonIn(event: EventName, { refusal, reason }: Fields): string | null {
  switch (event) {
    case 'refused':
      return REFUSALS[Number(refusal)] ?? 'other'
    case 'keyWithheld':
      return 'AccessEnded'
    case 'keyFailed':
      return 'KeysUnavailable'
    case 'requestEnded':
      return REQUEST_ENDS[Number(reason)] ?? 'other'
    default:
      return null
  }
}

/** Whether a line is one of those that were asked for. */
export function fits(item: LogItem, { object, person, event, fromNs, untilNs }: LogFilter): boolean {
  const ids = [item.objectId, item.grantId ?? '']
  return (
    (object === undefined || ids.some((id) => id.startsWith(object.toLowerCase()))) &&
    (person === undefined || item.actor === person || item.subject === person) &&
    (event === undefined || item.event === event) &&
    (fromNs === undefined || item.timeNs >= fromNs) &&
    (untilNs === undefined || item.timeNs < untilNs)
  )
}
