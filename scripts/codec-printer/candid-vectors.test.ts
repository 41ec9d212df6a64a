import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { type IDL, type Schema } from '@medguard/protocol'
import { type Decoder } from '@medguard/shared/candid'
import { describe, expect, test } from 'vitest'

import { ROOT } from '../project.ts'
import { OutOfScope, readTypes, readValues } from './candid-text.fixture.ts'
import { codecOf, noArgument } from './codecs.fixture.ts'

type Case = readonly [bytes: string | null, verdict: ':' | '!:' | '==' | '!=', type: string, equals?: string | object]
interface Vectors {
  readonly files: Readonly<
    Record<string, { readonly types: Readonly<Record<string, string>>; readonly cases: readonly Case[] }>
  >
}
const { files } = JSON.parse(readFileSync(join(ROOT, 'test/vectors/candid.json'), 'utf8')) as Vectors

/**
 * Where we refuse what Candid accepts: other than one argument (R17), numbers without bound, references and future types, and what takes more
 * types, fields, steps or depth than an argument of ours can need.
 */
const STRICTER = ['arguments', 'number', 'kind', 'zeroSize', 'types', 'fields', 'steps', 'depth', 'cycle']

/** @throws OutOfScope */
function decoderFor(types: readonly IDL.Type[]): Decoder<unknown> {
  const [idl] = types
  if (idl === undefined) return noArgument
  if (types.length > 1) throw new OutOfScope('more than one argument')
  try {
    return codecOf({ idl, did: 'value', uses: [] } satisfies Schema<unknown>)
  } catch (error) {
    if (error instanceof Error && error.message.includes('endless')) throw new OutOfScope(error.message)
    throw error
  }
}

/** What became of one vector; a string says why it cannot be asked here. */
function judge([hex, verdict, text, equals]: Case, named: Readonly<Record<string, string>>): string | null {
  if (hex === null) return 'text format'
  let types: IDL.Type[]
  let decoder: Decoder<unknown>
  try {
    types = readTypes(text, named)
    decoder = decoderFor(types)
  } catch (error) {
    if (error instanceof OutOfScope) return 'no type of ours'
    throw error
  }
  const decoded = decoder.decode(new Uint8Array(Buffer.from(hex, 'hex')))
  const about = `${hex} ${verdict} ${text} ${JSON.stringify(equals)}`
  if (verdict === '!:') {
    expect(decoded, about).toHaveProperty('refused')
    return null
  }
  if ('refused' in decoded) {
    expect(STRICTER, about).toContain(decoded.refused)
    return `our rule: ${decoded.refused}`
  }
  if (typeof equals !== 'string') return null
  const [value = null] = readValues(equals, types)
  if (verdict === '==') expect(decoded.value, about).toEqual(value)
  else expect(decoded.value, about).not.toEqual(value)
  return null
}

/** How many of each file are decided here, and why not the others. */
const COUNTS: Readonly<Record<string, Record<string, number>>> = {
  prim: { decided: 59, 'no type of ours': 103, 'our rule: arguments': 3, 'text format': 3 },
  construct: {
    decided: 59,
    'no type of ours': 94,
    'our rule: arguments': 2,
    'our rule: kind': 2,
    'our rule: number': 4,
    'text format': 3,
  },
  reference: { decided: 12, 'no type of ours': 34, 'our rule: kind': 3, 'text format': 1 },
  spacebomb: { decided: 7, 'no type of ours': 10 },
  overshoot: { decided: 10 },
  subtypes: { 'no type of ours': 58 }, // all of references
}

describe('the official vectors of Candid', () => {
  test.each(Object.entries(files))('%s: decoded as they should be, or refused by a rule of our own', (name, file) => {
    const outcomes = file.cases.map((vector) => judge(vector, file.types))
    const counts: Record<string, number> = {}
    for (const outcome of outcomes) counts[outcome ?? 'decided'] = (counts[outcome ?? 'decided'] ?? 0) + 1
    expect(counts).toEqual(COUNTS[name])
  })
})
