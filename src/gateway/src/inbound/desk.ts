import { rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { PatientRow, PatientTable } from '../delivery/patient-table.ts'
import type { Quarantine } from '../quarantine/quarantine.ts'
import type { InboundCounts } from './inbound.ts'

// Where staff look after what no machine decides: HTTP on a socket in the gateway's folder, which the folder's owner alone can open. No port, no token, nothing for a browser.

export interface DeskParts {
  readonly quarantine: Quarantine
  readonly patients: PatientTable
  readonly counts: () => InboundCounts
}
interface Answer {
  readonly status: number
  readonly body: unknown
}

const QUESTION_BYTES_MAX = 16 * 1024
const NOT_THERE: Answer = { status: 404, body: { error: 'there is none' } }
const done = (isThere: boolean): Answer => (isThere ? { status: 200, body: {} } : NOT_THERE)

/** In the folder's lock: a socket that is there is of a process that died. */
export async function openDesk(path: string, parts: DeskParts): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => void serve(request, response, parts))
  if (process.platform !== 'win32') rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
  if (process.platform !== 'win32') await chmod(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: DeskParts): Promise<void> {
  const { status, body } = await answerTo(request, parts).catch((error: unknown): Answer => {
    if (error instanceof RangeError || error instanceof SyntaxError)
      return { status: 400, body: { error: error.message } }
    return { status: 500, body: { error: error instanceof Error ? error.name : 'unknown' } }
  })
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}

async function answerTo(request: IncomingMessage, { quarantine, patients, counts }: DeskParts): Promise<Answer> {
  const [, what = '', id = '', act = ''] = (request.url ?? '').split('/')
  switch (`${request.method} ${what}${id === '' ? '' : '/id'}${act === '' ? '' : `/${act}`}`) {
    case 'GET counts':
      return { status: 200, body: counts() }
    case 'GET quarantine':
      return { status: 200, body: quarantine.list() }
    case 'GET quarantine/id': {
      const shown = await quarantine.show(id)
      if (shown === null) return NOT_THERE
      const { payload, ...head } = shown
      return { status: 200, body: { ...head, message: Buffer.from(payload).toString('utf8') } }
    }
    case 'POST quarantine/id/assign': {
      const { grantId } = await questionOf(request, ['grantId'])
      return done(await quarantine.assign(id, idOf(grantId)))
    }
    case 'POST quarantine/id/refuse':
      return done(await quarantine.refuse(id))
    case 'GET patients':
      return { status: 200, body: patients.rows() }
    case 'PUT patients': {
      const question = await questionOf(request, ['authority', 'value', 'grantId', 'birthDate'])
      const { authority, value, grantId, birthDate } = question
      const row: PatientRow = {
        authority: textOf(authority),
        value: textOf(value),
        grantId: idOf(grantId),
        birthDate: birthDate === null ? null : textOf(birthDate),
      }
      await patients.set(row)
      return done(true)
    }
    case 'DELETE patients': {
      const { authority, value } = await questionOf(request, ['authority', 'value'])
      return done(await patients.remove({ authority: textOf(authority), value: textOf(value) }))
    }
    default:
      return NOT_THERE
  }
}

/** @throws RangeError for what has other fields, or too much. @throws SyntaxError for what is no JSON. */
async function questionOf(request: IncomingMessage, fields: readonly string[]): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > QUESTION_BYTES_MAX) throw new RangeError('the question is too long')
    parts.push(part)
  }
  const question: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
  const isObject = typeof question === 'object' && question !== null && !Array.isArray(question)
  if (!isObject || Object.keys(question).toSorted().join() !== fields.toSorted().join())
    throw new RangeError(`an object of ${fields.join(', ')}`)
  return { ...question }
}
function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new RangeError('a text is missing')
  return value
}
function idOf(value: unknown): string {
  if (typeof value !== 'string' || !/^[\da-f]{32}$/.test(value))
    throw new RangeError('a grant has 32 hexadecimal digits')
  return value
}
