import type { Category, MedGuardClient, NewRecord, RecordSummary } from '@medguard/client'
import { SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { dayKey } from '../app/dates.ts'
import { type LoadableStore, settle } from '../app/loadable.ts'
import { listText, t } from '../words/language.ts'
import type { ReadingsPart } from './looking-through.ts'

// Readings that a person saves, out of a file or over Bluetooth: each part becomes one record, once, however often it is asked for.

export type Part = ReadingsPart & { readonly id: string; readonly sha256: string }

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
export const named = async (part: ReadingsPart): Promise<Part> => ({
  ...part,
  id: hexOf(crypto.getRandomValues(new Uint8Array(16))),
  sha256: hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', part.bytes))),
})

const TITLE_CHARS = 180
export const recordOf = ({ bytes, summary, devices }: ReadingsPart, category: Category): NewRecord => ({
  bytes,
  title: Array.from(t('devices.fileTitle', { devices: listText(devices) }))
    .slice(0, TITLE_CHARS)
    .join('')
    .replaceAll(/[\u2066-\u2069]/g, ''), // marks of direction belong to the screen, not into a title
  fileName: null,
  mediaType: SEGMENT_MEDIA_TYPE,
  category,
  clinicalDate: dayKey(summary.fromMs),
  readings: { ...summary },
})

/** A busy canister is asked again, so often. */
const TRIES = 3

/** Saves one, and puts it into the list. */
export async function savePart(
  client: Pick<MedGuardClient, 'addOnce'>,
  records: LoadableStore<readonly RecordSummary[]>,
  part: Part,
  category: Category,
) {
  const record = recordOf(part, category)
  let answer = await settle(() => client.addOnce(part.id, record))
  for (let turn = 1; turn < TRIES && answer.kind === 'failed' && answer.problem.kind === 'fault'; turn++)
    answer = await settle(() => client.addOnce(part.id, record))
  const { view, put } = records.getState()
  if (answer.kind === 'done' && view.status === 'ready') put([...view.value, answer.value])
  return answer
}
