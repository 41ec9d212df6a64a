import { readJson } from '@medguard/fhir'
import type { FastifyInstance } from 'fastify'
import { Refuse } from '../faults.ts'
import { textOf } from '../json.ts'

export const BODY_BYTES_MAX = 10 * 1024 * 1024

/** JSON with bounds, and forms; nothing else comes in. */
export function addBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/fhir+json', 'application/json'],
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    async (_request: unknown, bytes: Buffer) => {
      const read = readJson(new Uint8Array(bytes), BODY_BYTES_MAX)
      if (read.kind === 'unreadable') {
        const { code, place, offset } = read.problem
        // Names of a record's fields are FHIR's; where somebody made one up it is cut.
        throw new Refuse(
          400,
          'structure',
          `not JSON as FHIR wants it: ${code} at ${place.slice(0, 120)} (character ${offset})`,
        )
      }
      if (typeof read.value === 'object' && read.value !== null) textOf.set(read.value, read.text)
      return read.value
    },
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 64 * 1024 },
    async (_request: unknown, text: string) => new URLSearchParams(text),
  )
}

/** A form as FHIR's router takes it. */
export function fieldsOf(form: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}
