import { createHash } from 'node:crypto'
import {
  acknowledge,
  Hl7Problem,
  mapMessage,
  type Message,
  notAccepted,
  PROBLEM,
  readHeadOnly,
  readMessage,
  wrongContent,
} from '@medguard/fhir/hl7v2'
import { type Spool, SpoolFault } from '../spool/index.ts'
import type { Frame } from './deframer.ts'

export interface AnsweringOptions {
  /** MSH-11 that are taken: a test's messages have no place among those of patients. Default `P`. */
  readonly processingIds?: readonly string[] | undefined
  /** Of senders' clocks, `+01:00`, for times that name none. */
  readonly offset?: string | undefined
  readonly nowMs: () => number
}

export interface Answer {
  readonly ack: 'AA' | 'AE' | 'AR'
  readonly isRepeat: boolean
  /** HL7 table 0357; null with `AA`. */
  readonly code: string | null
  readonly text: string
}

/**
 * What the sender of a frame is told: `AA` only once the spool has it, the same again for the same message. Content is looked at here, while its sender can still put it right.
 */
export async function answerTo(
  { kind, bytes }: Frame,
  source: string,
  spool: Pick<Spool, 'append'>,
  options: AnsweringOptions,
): Promise<Answer> {
  const nowMs = options.nowMs()
  let message: Message | null = null
  try {
    expectWhole(kind)
    message = readMessage(bytes)
    const { header } = message
    if (!(options.processingIds ?? ['P']).includes(header.processingId))
      throw notAccepted(PROBLEM.processing, 'MSH^1^11', 'messages of this processing id are not taken here')
    mapMessage(message, { receivedMs: nowMs, offset: options.offset })
    const id = idOf([source, header.sendingApplication, header.sendingFacility, header.controlId])
    const taken = await spool.append({ id, kind: 'hl7v2', receivedMs: nowMs, source, payload: bytes })
    const text = acknowledge(message, null, { nowMs: taken.receivedMs, id: id.slice(0, 20) })
    return { ack: 'AA', isRepeat: taken.isRepeat, code: null, text }
  } catch (error) {
    const problem = problemOf(error)
    const id = idOf([source, String(nowMs), Buffer.from(bytes).toString('latin1')]).slice(0, 20)
    const text = acknowledge(message ?? readHeadOnly(bytes), problem, { nowMs, id })
    return { ack: problem.ack, isRepeat: false, code: problem.code, text }
  }
}

function expectWhole(kind: Frame['kind']): void {
  if (kind === 'tooLong') throw notAccepted(PROBLEM.internal, '', 'the message is longer than 1 MB')
  if (kind === 'unframed') throw notAccepted(PROBLEM.sequence, '', 'it has no start block')
  if (kind === 'unended') throw notAccepted(PROBLEM.sequence, '', 'it has no end block')
}

function problemOf(error: unknown): Hl7Problem {
  if (error instanceof Hl7Problem) return error
  if (error instanceof SpoolFault && error.code === 'Repeated')
    return wrongContent(PROBLEM.duplicate, 'MSH^1^10', 'its control id stands for another message')
  if (error instanceof SpoolFault)
    return wrongContent(PROBLEM.internal, '', 'there is no room at the moment: send it again')
  // A mistake of ours: nothing was taken, and nothing of the message is told.
  return wrongContent(PROBLEM.internal, '', 'it could not be processed')
}

/** Nobody makes two of one by putting a separator into a name. */
const idOf = (names: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32)
