import { cardsIn, type FhirFile, importItems, type ImportItem, type JsonProblem, readJson } from '@medguard/fhir'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { UsageError } from '../exit-code.ts'
import { readFile } from '../files.ts'

// Files that hold FHIR in one way or another, and what is said of each.

export interface FhirFileAt {
  readonly items: readonly ImportItem[]
  /** For people, beside how many were stored. */
  readonly said: readonly string[]
  readonly bundleType?: string | null
  readonly leftOut?: number
  readonly sectionsLeft?: readonly string[]
  readonly issuers?: readonly { readonly iss: string; readonly name: string | null }[]
}

/** @param issuers file with those whose health cards count. @throws UsageError for what is not taken. */
export async function fhirFileAt(path: string, issuers: string | undefined): Promise<FhirFileAt> {
  const bytes = readFile(path)
  const name = basename(path)
  // XML begins with a bracket, behind a byte order mark at most.
  if (/^\W{0,8}</.test(new TextDecoder().decode(bytes.subarray(0, 16)))) return documentIn(bytes, name, path)
  const read = readJson(bytes)
  const cards = read.kind === 'read' ? cardsIn(read.value) : null
  if (cards !== null) return cardFile({ bytes, name }, cards, path, issuers)
  const file = importItems(bytes)
  if (file.kind !== 'items') throw new UsageError(`${path}: ${whyNot(file)}`)
  const { items, bundleType, leftOut } = file
  return { items, bundleType, leftOut, said: leftOut === 0 ? [] : [`${leftOut} entries hold no resource`] }
}

async function documentIn(bytes: Uint8Array, name: string, path: string): Promise<FhirFileAt> {
  const { readCcda } = await import('@medguard/fhir/in-node')
  const read = readCcda(bytes, name, createHash('sha256').update(bytes).digest('hex'))
  if (read === null) throw new UsageError(`${path}: this is no C-CDA document`)
  const { items, sectionsLeft, entriesLeft } = read
  const said = [
    ...(sectionsLeft.length === 0 ? [] : [`partly imported: ${sectionsLeft.join(', ')} stay in the document alone`]),
    ...(entriesLeft === 0 ? [] : [`${entriesLeft} entries of it are not clear enough to stand alone`]),
  ]
  return { items, sectionsLeft, leftOut: entriesLeft, said }
}

const REFUSED = {
  issuer: 'it is signed by nobody on that list',
  signature: 'it is not what its issuer signed',
  expired: 'it is not in force any more, or not yet',
  content: 'it is no SMART Health Card',
} as const

async function cardFile(
  file: { readonly bytes: Uint8Array; readonly name: string },
  cards: readonly string[],
  path: string,
  issuersPath: string | undefined,
): Promise<FhirFileAt> {
  if (issuersPath === undefined)
    throw new UsageError(`${path} is a SMART Health Card: name a list of issuers whose word counts, with --key ISSUERS`)
  const { issuersIn, readHealthCards } = await import('@medguard/fhir/in-node')
  const list = readJson(readFile(issuersPath))
  const issuers = list.kind === 'read' ? issuersIn(list.value) : null
  if (issuers === null) throw new UsageError(`${issuersPath} is no list of issuers (issuerInfo)`)
  const read = await readHealthCards(file, cards, issuers, Date.now())
  if (read.kind === 'refused') throw new UsageError(`${path}: ${REFUSED[read.why]}`)
  const { items, issuers: signed } = read
  return { items, issuers: signed, said: signed.map(({ iss, name }) => `signed by ${name ?? 'an issuer'} (${iss})`) }
}

const PROBLEMS: Readonly<Record<JsonProblem['code'], string>> = {
  notText: 'is no text in UTF-8',
  tooLarge: 'is too large',
  syntax: 'is no JSON',
  tooDeep: 'has too many levels',
  duplicateName: 'says the same name twice',
  forbiddenName: 'has a name that no program should read',
  notFinite: 'has a number that is too large',
}
/** Why a file is not taken. */
export function whyNot(file: Exclude<FhirFile, { kind: 'items' }>): string {
  if (file.kind === 'notFhir') return 'this is no FHIR: it has no resourceType'
  const { code, place, offset } = file.problem
  return `${PROBLEMS[code]}${place === '' ? '' : `, at ${place}`} (character ${offset})`
}
