/** HL7 table 0357: what is wrong with a message, in the sender's terms. */
export const PROBLEM = {
  sequence: '100',
  missing: '101',
  dataType: '102',
  messageType: '200',
  event: '201',
  processing: '202',
  version: '203',
  duplicate: '205',
  internal: '207',
} as const
export type ProblemCode = (typeof PROBLEM)[keyof typeof PROBLEM]

const WORDS: Readonly<Record<ProblemCode, string>> = {
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '205': 'Duplicate key identifier',
  '207': 'Application internal error',
}

/**
 * Why a message is not taken: `AE`, its content is wrong; `AR`, it cannot be accepted here, whatever it says. Quotes nothing of the message.
 */
export class Hl7Problem extends Error {
  override readonly name = 'Hl7Problem'
  readonly ack: 'AE' | 'AR'
  readonly code: ProblemCode
  /** Segment, its number among those of its name, field: as ERR-2 has them, for instance `PID^1^3`; empty for the message as a whole. */
  readonly location: string
  constructor(ack: 'AE' | 'AR', code: ProblemCode, location: string, message: string) {
    super(message)
    this.ack = ack
    this.code = code
    this.location = location
  }
  /** As the table words it. */
  get words(): string {
    return WORDS[this.code]
  }
}

export const wrongContent = (code: ProblemCode, location: string, message: string): Hl7Problem =>
  new Hl7Problem('AE', code, location, message)
export const notAccepted = (code: ProblemCode, location: string, message: string): Hl7Problem =>
  new Hl7Problem('AR', code, location, message)
