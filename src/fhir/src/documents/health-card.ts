import { deriveKidFromPublicKey, JWSProcessor } from 'kill-the-clipboard'
import { importItems, type ImportItem } from '../import/import-items.ts'
import { type Json, readJson } from '../json.ts'
import { at, isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import { readdressed } from './readdressed.ts'

// SMART Health Cards (spec.smarthealth.cards): what an issuer signed, for instance an immunisation. Whose keys count is given by whoever imports; nothing is
// fetched, since the address of a key would be the card's own word.

/** Who may have signed it: as in the list of issuers of the VCI (`vci_snapshot.json`). */
export interface Issuer {
  readonly iss: string
  readonly name: string | null
  readonly keys: readonly JsonWebKey[]
}

/** A card fits into a few QR codes. */
const JWS_CHARS_MAX = 100_000
const CARDS_MAX = 50

export type CardFile =
  | {
      readonly kind: 'items'
      /** The cards as they came first. */
      readonly items: readonly ImportItem[]
      /** Whose signatures hold. */
      readonly issuers: readonly Pick<Issuer, 'iss' | 'name'>[]
    }
  /** `issuer`: nobody on the list has that key; `signature`: it is not what was signed; `expired`: or not in force yet. */
  | { readonly kind: 'refused'; readonly why: 'issuer' | 'signature' | 'expired' | 'content' }

/** @returns null for what holds no list of issuers. */
export function issuersIn(json: Json): Issuer[] | null {
  const found = listAt(json, 'issuerInfo').flatMap((info): Issuer[] => {
    const iss = textAt(info, 'issuer', 'iss')
    const keys = listAt(info, 'keys').filter((key) => at(key, 'kty') === 'EC') as JsonWebKey[]
    return iss === null ? [] : [{ iss, name: textAt(info, 'issuer', 'name'), keys }]
  })
  return found.length === 0 ? null : found
}

/** All of them, or none: a file is one thing. */
export async function readHealthCards(
  file: { readonly bytes: Uint8Array; readonly name: string },
  cards: readonly string[],
  issuers: readonly Issuer[],
  nowMs: number,
): Promise<CardFile> {
  if (cards.length > CARDS_MAX) return { kind: 'refused', why: 'content' }
  const items: ImportItem[] = []
  const signed = new Map<string, Pick<Issuer, 'iss' | 'name'>>()
  for (const card of cards) {
    const read = await verified(card, issuers, nowMs)
    if (typeof read === 'string') return { kind: 'refused', why: read }
    signed.set(read.issuer.iss, { iss: read.issuer.iss, name: read.issuer.name })
    const named = listAt(read.bundle, 'entry').flatMap((entry) => {
      const resource = at(entry, 'resource')
      const name = textAt(entry, 'fullUrl')
      return isResource(resource) ? [{ resource, names: name === null ? [] : [name] }] : []
    })
    const found = importItems(JSON.stringify(readdressed(named, card)))
    if (found.kind !== 'items') return { kind: 'refused', why: 'content' }
    items.push(...found.items)
  }
  const first = items.find(({ resourceType }) => resourceType !== 'Patient')
  const original: ImportItem = {
    bytes: file.bytes,
    title: first?.title ?? file.name,
    fileName: file.name,
    mediaType: 'application/smart-health-card',
    category: first?.category ?? 'documents',
    clinicalDate: first?.clinicalDate ?? null,
    resourceType: null,
    isKnown: true,
  }
  return { kind: 'items', items: [original, ...items], issuers: [...signed.values()] }
}

async function verified(
  card: string,
  issuers: readonly Issuer[],
  nowMs: number,
): Promise<{ readonly issuer: Issuer; readonly bundle: Resource } | 'issuer' | 'signature' | 'expired' | 'content'> {
  if (card.length > JWS_CHARS_MAX) return 'content'
  const kid = kidOf(card)
  if (kid === null) return 'content'
  const holders = await Promise.all(
    issuers.flatMap(({ keys }, i) => keys.map(async (key) => ({ i, key, kid: await deriveKidFromPublicKey(key) }))),
  )
  const holder = holders.find((each) => each.kid === kid)
  const issuer = issuers[holder?.i ?? -1]
  if (holder === undefined || issuer === undefined) return 'issuer'
  let payload
  try {
    payload = await new JWSProcessor().verify(card, holder.key, { verifyExpiration: false })
  } catch {
    return 'signature'
  }
  // A key of one issuer says nothing of another.
  if (payload.iss !== issuer.iss) return 'issuer'
  if (payload.nbf * 1000 > nowMs || (payload.exp !== undefined && payload.exp * 1000 < nowMs)) return 'expired'
  const bundle: unknown = payload.vc.credentialSubject.fhirBundle
  return isResource(bundle) && bundle.resourceType === 'Bundle' ? { issuer, bundle } : 'content'
}

function kidOf(card: string): string | null {
  try {
    const read = readJson(Uint8Array.from(Buffer.from(card.split('.')[0] ?? '', 'base64url')))
    return read.kind === 'read' ? textAt(read.value, 'kid') : null
  } catch {
    return null
  }
}
