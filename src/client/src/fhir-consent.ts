import { rolesIn } from '@medguard/protocol'
import type { Share } from './api.ts'

// A share as other systems read it: a FHIR R4 `Consent` (hl7.org/fhir/R4/consent.html).

const SYSTEM = {
  scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  loinc: 'http://loinc.org',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  action: 'http://terminology.hl7.org/CodeSystem/consentaction',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  /** What has no code of its own elsewhere. */
  own: 'urn:medguard:consent',
} as const
const ACTION = { list: 'access', open: 'access', write: 'collect', rewrap: 'use' } as const

type Coding = { readonly system: string; readonly code: string; readonly display?: string }
const concept = (system: string, code: string, display?: string): { coding: readonly Coding[] } => ({
  coding: [display === undefined ? { system, code } : { system, code, display }],
})
const identified = (kind: 'principal' | 'grant' | 'category' | 'record-share', value: string) => ({
  identifier: { system: `urn:medguard:${kind}`, value },
})
const rfc3339 = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString()

/**
 * @param agreement the text that was confirmed with the share, null where it was not kept.
 * @returns a `Consent` with everything that the share says: its end when it was revoked, members of an organisation it does not reach as a provision
 * that denies within the one that permits.
 */
export function fhirConsent(share: Share, agreement: string | null) {
  const { grantId, state, bar, patient, grantee, scope, rights, purpose, startNs, endNs, endedNs, terms = {} } = share
  const { roles = 0, excluded = [], range = null, namesSensitive = false } = terms
  const actor = (who: string) => ({
    role: concept(SYSTEM.participation, 'PRCP', 'primary information recipient'),
    reference: { ...identified('principal', who) },
  })
  const dataPeriod = {
    ...(range === null || range.from === null ? {} : { start: range.from }),
    ...(range === null || range.until === null ? {} : { end: range.until }),
  }
  const categories = range?.categories ?? scope.filter((each) => each !== 'shared')
  const isByRecord = scope.includes('shared')
  const denied = excluded.map((member) => ({ type: 'deny' as const, actor: [actor(member)] }))
  return {
    resourceType: 'Consent' as const,
    identifier: [{ system: 'urn:medguard:grant', value: grantId }],
    status: bar === null || state === 'notFinished' ? statusOf(state) : 'inactive',
    scope: concept(SYSTEM.scope, purpose === 'HRESCH' ? 'research' : 'patient-privacy'),
    category: [concept(SYSTEM.loinc, '59284-0', 'Consent Document'), concept(SYSTEM.actCode, 'IDSCL')],
    patient: identified('principal', patient),
    dateTime: rfc3339(startNs),
    performer: [identified('principal', patient)],
    ...(agreement === null
      ? {}
      : { sourceAttachment: { contentType: 'text/plain; charset=utf-8', data: base64Of(agreement) } }),
    policyRule: concept(SYSTEM.actCode, 'OPTIN', 'opt-in'),
    provision: {
      type: 'permit' as const,
      period: { start: rfc3339(startNs), end: rfc3339(endedNs ?? endNs) },
      actor: [actor(grantee)],
      action: [...new Set(rights.map((right) => ACTION[right]))].map((code) => concept(SYSTEM.action, code)),
      ...(namesSensitive ? { securityLabel: [{ system: `${SYSTEM.own}/label`, code: 'names-sensitive' }] } : {}),
      purpose: [{ system: SYSTEM.actReason, code: purpose }],
      ...(categories.length === 0
        ? {}
        : { code: categories.map((category) => concept(`${SYSTEM.own}/category`, category)) }),
      ...(isByRecord
        ? { data: [{ meaning: 'instance' as const, reference: identified('record-share', grantId) }] }
        : {}),
      ...(Object.keys(dataPeriod).length === 0 ? {} : { dataPeriod }),
      ...(roles === 0
        ? {}
        : { class: rolesIn(roles).map((role) => ({ system: `${SYSTEM.own}/member-role`, code: role })) }),
      ...(denied.length === 0 ? {} : { provision: denied }),
    },
  }
}
export type FhirConsent = ReturnType<typeof fhirConsent>

function statusOf(state: Share['state']): 'proposed' | 'active' | 'inactive' {
  switch (state) {
    case 'live':
    case 'notStarted':
      return 'active'
    case 'ended':
    case 'revoked':
      return 'inactive'
    case 'notFinished':
      return 'proposed'
    default:
      return state satisfies never
  }
}

function base64Of(text: string): string {
  let letters = ''
  for (const byte of new TextEncoder().encode(text)) letters += String.fromCharCode(byte)
  return btoa(letters)
}
