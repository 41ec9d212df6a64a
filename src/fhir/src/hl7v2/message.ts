import '../web-socket.ts'
import { type Hl7Context, Hl7Message, type Hl7Segment } from '@medplum/core'
import { segmentsIn } from './normalise.ts'
import { notAccepted, PROBLEM, wrongContent } from './problem.ts'

/** One repetition of a field. What stands in it is unescaped; what is empty, or `""`, is absent. */
export interface Value {
  /** @param component from 1. @param subcomponent from 1; without one the component as it is written. */
  part(component: number, subcomponent?: number): string | undefined
  /** The whole of it, as a text that may contain separators. */
  readonly whole: string | undefined
}
export interface Segment {
  readonly name: string
  /** Among those of its name, from 1. */
  readonly number: number
  /** Those that have something in them. @param field from 1. */
  all(field: number): readonly Value[]
  first(field: number): Value | undefined
  /** First component of the first repetition. */
  text(field: number): string | undefined
  /** For an error: `OBX^3^5`. */
  at(field: number): string
}

export interface Header {
  /** MSH-10, by which its sender knows the message. */
  readonly controlId: string
  /** MSH-9: `ORU` and `R01`. */
  readonly type: string
  readonly event: string
  readonly sendingApplication: string
  readonly sendingFacility: string
  /** MSH-11: `P` for production. */
  readonly processingId: string
}
export interface Message {
  readonly header: Header
  readonly segments: readonly Segment[]
  /** The MSH segment, for an acknowledgement. */
  readonly head: Segment
}

const CONTROL_ID_CHARS_MAX = 199
const VERSION = /^2\.[1-9](\.\d{1,2})?$/

/**
 * Reads a message of HL7 v2 as it came.
 *
 * @throws Hl7Problem
 */
export function readMessage(bytes: Uint8Array): Message {
  const parsed = Hl7Message.parse(segmentsIn(bytes).join('\r'))
  const counts = new Map<string, number>()
  const segments = parsed.segments.map((segment) => {
    const name = segment.name
    const number = (counts.get(name) ?? 0) + 1
    counts.set(name, number)
    return segmentOf(segment, name, number, parsed.context)
  })
  const [head] = segments
  if (head === undefined) throw notAccepted(PROBLEM.sequence, 'MSH^1', 'it has no MSH')
  return { header: headerOf(head), segments, head }
}

/**
 * The first segment of what could not be read as a whole, for an acknowledgement that its sender can tell apart: as far as it goes, and nothing of it is relied on.
 */
export function readHeadOnly(bytes: Uint8Array): Message | null {
  const [text = ''] = new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES_MAX)).split(/[\r\n]/, 1)
  try {
    return readMessage(new TextEncoder().encode(`${text}\r`))
  } catch {
    return null // what is wrong is told by whoever read the whole
  }
}
const HEAD_BYTES_MAX = 4096

function headerOf(head: Segment): Header {
  const controlId = head.text(10)
  if (controlId === undefined || controlId.length > CONTROL_ID_CHARS_MAX)
    throw notAccepted(PROBLEM.missing, head.at(10), 'it has no message control id')
  const version = head.text(12)
  if (version !== undefined && !VERSION.test(version))
    throw notAccepted(PROBLEM.version, head.at(12), 'a version that is not known here')
  const kind = head.first(9)
  return {
    controlId,
    type: kind?.part(1) ?? '',
    event: kind?.part(2) ?? '',
    sendingApplication: head.text(3) ?? '',
    sendingFacility: head.text(4) ?? '',
    processingId: head.text(11) ?? '',
  }
}

/** Its one segment of a name. @throws Hl7Problem where there is none, or several. */
export function only({ segments }: Pick<Message, 'segments'>, name: string): Segment {
  const [first, second] = segments.filter((segment) => segment.name === name)
  if (first === undefined) throw wrongContent(PROBLEM.sequence, `${name}^1`, `it has no ${name}`)
  if (second !== undefined) throw wrongContent(PROBLEM.sequence, `${name}^2`, `it has more than one ${name}`)
  return first
}

function segmentOf(segment: Hl7Segment, name: string, number: number, context: Hl7Context): Segment {
  const all = (field: number): Value[] => {
    const found: Hl7Segment['fields'][number] | undefined = segment.getField(field)
    return (found?.components ?? [])
      .filter((components) => components.some((component) => component !== '' && component !== '""'))
      .map((components) => valueOf(components, context))
  }
  return {
    name,
    number,
    all,
    first: (field) => all(field)[0],
    text: (field) => all(field)[0]?.part(1, 1),
    at: (field) => `${name}^${number}^${field}`,
  }
}

/** What a text in FHIR cannot hold: it shows that something stood there. */
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g

function valueOf(components: readonly string[], context: Hl7Context): Value {
  const told = (text: string | undefined): string | undefined => {
    const written = text === undefined || text === '""' ? '' : unescape(text, context)
    const value = written.replaceAll(NO_TEXT, '\ufffd').trim()
    return value === '' ? undefined : value
  }
  return {
    part(component, subcomponent) {
      const written = components[component - 1]
      if (subcomponent === undefined) return told(written)
      return told(written?.split(context.subcomponentSeparator)[subcomponent - 1])
    },
    whole: told(components.join(context.componentSeparator)),
  }
}

/** HL7 v2.8, section 2.7. What has no meaning here (highlighting, indents) goes; escapes of other character sets stay as they are. */
export function unescape(text: string, context: Hl7Context): string {
  const { escapeCharacter: escape } = context
  if (!text.includes(escape)) return text
  const separators: Readonly<Record<string, string>> = {
    F: context.fieldSeparator,
    S: context.componentSeparator,
    T: context.subcomponentSeparator,
    R: context.repetitionSeparator,
    E: escape,
    H: '',
    N: '',
  }
  const parts = text.split(escape)
  let read = parts[0] ?? ''
  for (let at = 1; at < parts.length; at++) {
    const word = parts[at] ?? ''
    const isClosed = at + 1 < parts.length
    const meant = isClosed ? (separators[word] ?? meaningOf(word)) : undefined
    if (meant === undefined) read += escape + word
    else read += meant + (parts[++at] ?? '')
  }
  return read
}

function meaningOf(word: string): string | undefined {
  const command = word.toLowerCase()
  if (/^\.(br|sp(\+?\d+)?)$/.test(command)) return '\n'
  if (/^\.(fi|nf|ce|in\s*[+-]?\d*|ti\s*[+-]?\d*|sk\s*\+?\d*)$/.test(command)) return ''
  const hex = /^X((?:[0-9A-Fa-f]{2})+)$/.exec(word)?.[1]
  if (hex === undefined) return undefined
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []
  return new TextDecoder().decode(Uint8Array.from(bytes))
}
