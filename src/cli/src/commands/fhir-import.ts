import { CATEGORIES, type MedGuardClient, type RecordSummary } from '@medguard/client'
import type { ImportItem } from '@medguard/fhir'
import { readingsSummary } from '@medguard/readings'
import { createHash, randomBytes } from 'node:crypto'
import { valueOf } from '../exit-code.ts'

/** Beside each other, below what one person may have under way. */
const IN_FLIGHT = 6

/**
 * Stores each as a record of one's own. What the vault holds already, be it from a try that broke off, is left out: the same again makes nothing twice.
 * Notes come last, since they name the records that they are about.
 */
export async function itemsStored(
  client: MedGuardClient,
  items: readonly ImportItem[],
  subject: string | null,
): Promise<{ readonly added: readonly RecordSummary[]; readonly skipped: number }> {
  const there = new Map<string, RecordSummary>()
  for (const record of valueOf(await client.list({ of: 'me' }, CATEGORIES)))
    if (record.contentSha256 !== undefined) there.set(record.contentSha256, record)
  const became = new Map<string, RecordSummary>()
  const added: RecordSummary[] = []
  let skipped = 0

  const store = async (item: ImportItem): Promise<void> => {
    const hash = createHash('sha256').update(item.bytes).digest('hex')
    const known = there.get(hash)
    if (known === undefined) {
      const { bytes, title, fileName, mediaType, category, clinicalDate, notesTo = [] } = item
      const links = notesTo.flatMap(({ recordId, relation }) => {
        const there = became.get(recordId)
        return there === undefined ? [] : [{ recordId: there.recordId, version: there.version, relation }]
      })
      const about = { title, fileName, mediaType, category, clinicalDate, subject }
      const record = { bytes, ...about, ...readingsSummary(item) }
      const id = randomBytes(16).toString('hex')
      const stored = valueOf(await client.addOnce(id, links.length === 0 ? record : { ...record, links }))
      there.set(hash, stored)
      added.push(stored)
    } else skipped++
    const now = there.get(hash)
    if (item.wasRecord !== undefined && now !== undefined) became.set(item.wasRecord, now)
  }
  const isNote = ({ notesTo = [] }: ImportItem) => notesTo.length > 0
  for (const group of [items.filter((item) => !isNote(item)), items.filter(isNote)]) {
    const queue = distinct(group)
    skipped += group.length - queue.length
    const oneAfterTheOther = async (): Promise<void> => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await store(item)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, oneAfterTheOther))
  }
  return { added, skipped }
}

/** A file may say the same twice. */
function distinct(items: readonly ImportItem[]): ImportItem[] {
  const seen = new Set<string>()
  return items.filter(({ bytes }) => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    return !seen.has(hash) && seen.add(hash)
  })
}
