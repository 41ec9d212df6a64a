import { request } from 'node:http'
import type { PatientRow } from '../delivery/patient-table.ts'
import type { QuarantinedHead } from '../quarantine/quarantine.ts'
import { deskIn, type InboundCounts } from './inbound.ts'

export const STAFF_USAGE = `staff commands, on the gateway's machine, while it runs:
  counts                                  what waits, what was delivered, why not
  quarantine                              what waits for somebody, oldest first
  show ID                                 one of them, with its message
  assign ID GRANT                         it is to be stored under this grant
  refuse ID                               it is not to be stored: it goes
  patients                                the table of patients' numbers
  know AUTHORITY NUMBER GRANT [BORN]      a number and its patient's grant, with the birth date if it is known
  forget AUTHORITY NUMBER                 no longer`

/** Words for a terminal. @throws RangeError for what is no command, or is refused. @throws Error where no gateway runs. */
export async function staff(folder: string, [command = '', ...args]: readonly string[]): Promise<string> {
  const [one = '', two = '', three = '', four] = args
  const ask = <T>(method: string, path: string, question?: unknown) => asked<T>(deskIn(folder), method, path, question)
  const expects = (count: number, most = count): void => {
    if (args.length < count || args.length > most) throw new RangeError(STAFF_USAGE)
  }
  switch (command) {
    case 'counts':
      expects(0)
      return JSON.stringify(await ask<InboundCounts>('GET', '/counts'), null, 2)
    case 'quarantine': {
      expects(0)
      const heads = await ask<readonly QuarantinedHead[]>('GET', '/quarantine')
      return heads.length === 0 ? 'nothing waits for anybody' : heads.map(lineOf).join('\n')
    }
    case 'show': {
      expects(1)
      const { message, ...head } = await ask<QuarantinedHead & { message: string }>('GET', `/quarantine/${one}`)
      return `${lineOf(head)}\n${printable(message)}`
    }
    case 'assign':
      expects(2)
      await ask('POST', `/quarantine/${one}/assign`, { grantId: two })
      return 'it is on its way'
    case 'refuse':
      expects(1)
      await ask('POST', `/quarantine/${one}/refuse`)
      return 'it is gone'
    case 'patients': {
      expects(0)
      const rows = await ask<readonly PatientRow[]>('GET', '/patients')
      return rows.length === 0 ? 'nobody is known' : rows.map(rowText).join('\n')
    }
    case 'know':
      expects(3, 4)
      await ask('PUT', '/patients', { authority: one, value: two, grantId: three, birthDate: four ?? null })
      return 'what waits under this number is on its way'
    case 'forget':
      expects(2)
      await ask('DELETE', '/patients', { authority: one, value: two })
      return 'it is forgotten'
    default:
      throw new RangeError(STAFF_USAGE)
  }
}

const lineOf = ({ id, receivedMs, reason, detail, source, identifiers }: QuarantinedHead): string => {
  const numbers = identifiers.map(({ authority, value }) => `${authority} ${value}`).join(', ')
  const why = detail === '' ? reason : `${reason} (${detail})`
  return printable(`${id}  ${new Date(receivedMs).toISOString()}  ${why}  from ${source}: ${numbers}`)
}
const rowText = ({ authority, value, grantId, birthDate }: PatientRow): string =>
  printable(`${authority} ${value}  ${grantId}  ${birthDate ?? ''}`).trim()

/** A sender's control characters do nothing to a terminal. */
const printable = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?')

function asked<T>(socketPath: string, method: string, path: string, question?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const body = question === undefined ? '' : JSON.stringify(question)
    // Told, since of a DELETE nobody else would.
    const headers = { 'content-length': Buffer.byteLength(body) }
    const sent = request({ socketPath, method, path, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        if (response.statusCode === 200) resolve(JSON.parse(text) as T)
        else reject(new RangeError(/"error":"([^"]*)"/.exec(text)?.[1] ?? 'refused'))
      })
    })
    sent.on('error', (cause) => reject(new Error('no gateway runs with this folder', { cause })))
    sent.end(body)
  })
}
