import type { Attachment, DocumentReference } from '@medplum/fhirtypes'
import type { Building } from './building.ts'
import { conceptOf, entityIdentifier, listOf, personOf, present } from './data-types.ts'
import { only, type Segment } from './message.ts'
import { PROBLEM, wrongContent } from './problem.ts'

/** HL7 table 0271: whether a document is finished. */
const FINISHED: Readonly<Record<string, DocumentReference['docStatus']>> = {
  AU: 'final',
  LA: 'final',
  DO: 'final',
  DI: 'preliminary',
  IP: 'preliminary',
  IN: 'preliminary',
  PA: 'preliminary',
}
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** RFC 6838. */
const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]*\/[A-Za-z0-9][\w!#$&^.+-]*$/

export interface MappedDocument {
  readonly title: string | undefined
  readonly day: string | undefined
  /** A file, where the message carries one: what a person opens. */
  readonly file: { readonly base64: string; readonly mediaType: string; readonly name: string | undefined } | undefined
}

/** MDM^T02: one document, with its content. @throws Hl7Problem */
export function mapDocument(building: Building): MappedDocument {
  const { message, patient, moment } = building
  const txa = only(message, 'TXA')
  const observed = message.segments.filter(({ name }) => name === 'OBX')
  if (observed.length === 0) throw wrongContent(PROBLEM.sequence, 'OBX^1', 'a document without content')
  const files = observed.filter(isAttachment).map(attachmentOf)
  const lines = observed.filter((obx) => !isAttachment(obx)).map(linesOf)
  const text = lines.filter((line) => line !== '').join('\n')
  const written = text === '' ? [] : [{ contentType: 'text/plain; charset=utf-8', data: base64Of(text) }]
  if (files.length + written.length === 0) throw wrongContent(PROBLEM.missing, 'OBX^1^5', 'a document without content')
  const type = conceptOf(observed[0]?.first(3)) ?? conceptOf(txa.first(2))
  const when = moment(txa, 4) ?? moment(txa, 7)
  const parent = entityIdentifier(txa.first(13))
  const name = txa.text(16)
  const described = { title: name, creation: when?.dateTime }
  building.add(
    present<DocumentReference>({
      resourceType: 'DocumentReference',
      masterIdentifier: entityIdentifier(txa.first(12)),
      status: 'current',
      docStatus: FINISHED[txa.text(17) ?? ''],
      type,
      subject: patient,
      date: (moment(txa, 7) ?? moment(txa, 6) ?? when)?.instant ?? undefined,
      author: listOf([...txa.all(9), ...txa.all(5)].map(personOf)),
      relatesTo: parent === undefined ? undefined : [{ code: 'appends', target: { identifier: parent } }],
      description: name,
      content: [...files, ...written].map((attachment) => ({
        attachment: present<Attachment>({ ...attachment, ...described }),
      })),
    }),
  )
  const [first] = files
  const isWhole = files.length === 1 && written.length === 0
  return {
    title: type?.text,
    day: when?.day ?? undefined,
    file:
      isWhole && first?.data !== undefined && first.contentType !== undefined
        ? { base64: first.data, mediaType: first.contentType, name }
        : undefined,
  }
}

const linesOf = (obx: Segment): string =>
  obx
    .all(5)
    .flatMap(({ whole }) => whole ?? [])
    .join('\n')

export const isAttachment = (obx: Segment): boolean => obx.text(2) === 'ED'

/** ED: a file inside the message. @throws Hl7Problem for what is not encoded as it says. */
export function attachmentOf(obx: Segment): Attachment {
  const value = obx.first(5)
  const [type, subtype] = [value?.part(2), value?.part(3)]
  const contentType = [type, subtype]
    .filter((part) => part !== undefined)
    .join('/')
    .toLowerCase()
  const [encoding, data] = [value?.part(4)?.toLowerCase(), value?.part(5)?.replaceAll(/\s/g, '')]
  return present<Attachment>({
    contentType: MEDIA_TYPE.test(contentType) ? contentType : 'application/octet-stream',
    data: data === undefined ? undefined : decoded(obx, encoding, data),
  })
}

function decoded(obx: Segment, encoding: string | undefined, data: string): string {
  if (encoding === 'base64' && BASE64.test(data)) return data
  if (encoding === 'hex' && /^(?:[\da-f]{2})+$/i.test(data))
    return toBase64(Uint8Array.from(data.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
  const text = obx.first(5)?.part(5)
  if (encoding === 'a' && text !== undefined) return base64Of(text)
  throw wrongContent(PROBLEM.dataType, obx.at(5), 'a file that is not encoded as it says')
}

const base64Of = (text: string): string => toBase64(new TextEncoder().encode(text))
function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCodePoint(byte)
  return btoa(binary)
}
