import { bytesOfBase64 } from '../base64.ts'
import { at, listAt, type Resource, textAt } from '../json-paths.ts'
import { FHIR_MEDIA_TYPE } from '../vault/record-entries.ts'
import { CATEGORIES, type Category, EXTENSION, SYSTEM, uuidOf } from '../vault/vault-record.ts'
import { dayOf, mediaTypeIn, momentIn, plainFileName, plainTitle } from './describe.ts'
import { type Entry, type ImportItem, itemOf, namedBy } from './import-items.ts'

// A bundle that `vaultBundle` made, of this vault or of another: records come back under their titles, kinds and days, files as files. What it says of that
// vault itself (who stored what, with whom it was shared, who opened it) is kept as one record, letter for letter: it is history here.

/** @param bundle tagged as a vault's: by whoever wrote it, so that nothing but titles, kinds and files is taken from it. */
export function vaultItems(bundle: Resource, entries: readonly Entry[]): ImportItem[] {
  const patientUrl = `urn:uuid:${uuidOf(textAt(bundle, 'identifier', 'value') ?? '')}`
  const isHistory = ({ fullUrl }: Entry) => fullUrl?.startsWith('urn:medguard:') === true || fullUrl === patientUrl
  const provenances = new Map<string, Resource>()
  for (const { resource } of entries) {
    const target = textAt(resource, 'target', 0, 'reference')
    if (resource.resourceType === 'Provenance' && target !== null) provenances.set(target, resource)
  }
  const isNamed = namedBy(entries.filter((entry) => !isHistory(entry)))
  const items = entries.flatMap((entry): ImportItem[] => {
    if (isHistory(entry)) return []
    const provenance = entry.fullUrl === null ? undefined : provenances.get(entry.fullUrl)
    const file = fileIn(entry.resource)
    const item = file ?? itemOf(entry, isNamed(entry))
    return [provenance === undefined ? item : { ...item, ...toldBy(provenance, item) }]
  })
  const history = entries.filter(isHistory)
  return history.length === 0 ? items : [...items, historyItem(history, textAt(bundle, 'timestamp'))]
}

/** The record that a DocumentReference of ours carries; null for a DocumentReference of somebody else's, or one without its content. */
function fileIn(resource: Resource): ImportItem | null {
  if (resource.resourceType !== 'DocumentReference') return null
  const isOurs = listAt(resource, 'identifier').some((identifier) => at(identifier, 'system') === SYSTEM.record)
  const attachment = at(resource, 'content', 0, 'attachment')
  const mediaType = mediaTypeIn(textAt(attachment, 'contentType'))
  const data = at(attachment, 'data')
  const bytes = typeof data === 'string' ? bytesOfBase64(data) : at(attachment, 'size') === 0 ? new Uint8Array() : null
  if (!isOurs || bytes === null || mediaType === null) return null
  const notesTo = listAt(resource, 'relatesTo').flatMap((note) => {
    const recordId = textAt(note, 'target', 'identifier', 'value')
    const relation = textAt(note, 'extension', 0, 'valueCode')
    return recordId === null || relation === null ? [] : [{ recordId, relation }]
  })
  return {
    bytes,
    notesTo,
    title: plainTitle(textAt(resource, 'description') ?? ''),
    fileName: plainFileName(textAt(attachment, 'title')),
    mediaType: fit(mediaType),
    category: 'documents',
    clinicalDate: dayOf(resource),
    resourceType: null,
    isKnown: true,
  }
}

/** A vault's own settings (profile, limits, names of devices) are kept as documents: a file from anybody may not set them. */
const fit = (mediaType: string): string =>
  /^application\/vnd\.medguard\.[a-z]+\+json/.test(mediaType) ? 'application/json' : mediaType

/** What the vault had written on it. */
function toldBy(provenance: Resource, item: ImportItem): Partial<ImportItem> {
  const extensions = listAt(provenance, 'extension')
  const valueOf = (url: string) =>
    textAt(
      extensions.find((each) => at(each, 'url') === url),
      'valueString',
    )
  const title = textAt(provenance, 'entity', 0, 'what', 'display')
  const category = textAt(provenance, 'meta', 'tag', 0, 'code')
  const [wasRecord] = (textAt(provenance, 'entity', 0, 'what', 'identifier', 'value') ?? '').split('/')
  return {
    ...(wasRecord === undefined ? {} : { wasRecord }),
    title: title === null ? item.title : plainTitle(title),
    fileName: plainFileName(valueOf(EXTENSION.fileName)),
    mediaType: fit(mediaTypeIn(valueOf(EXTENSION.mediaType)) ?? item.mediaType),
    category: isCategory(category) ? category : item.category,
    clinicalDate: momentIn(textAt(provenance, 'occurredDateTime')),
  }
}
const isCategory = (text: string | null): text is Category => (CATEGORIES as readonly (string | null)[]).includes(text)

function historyItem(entries: readonly Entry[], madeAt: string | null): ImportItem {
  const texts = entries.map(({ fullUrl, text }) => `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${text}}`)
  const bundle = `{"resourceType":"Bundle","type":"collection","entry":[\n${texts.join(',\n')}\n]}`
  return {
    bytes: new TextEncoder().encode(bundle),
    title: 'Where these records came from: origins, shares and log',
    fileName: 'history.json',
    mediaType: FHIR_MEDIA_TYPE,
    category: 'other',
    clinicalDate: madeAt === null ? null : dayOf({ date: madeAt }),
    resourceType: 'Bundle',
    isKnown: true,
  }
}
