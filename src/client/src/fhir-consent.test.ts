import { describe, expect, test } from 'vitest'

import type { Share } from './api.ts'
import { fhirConsent } from './fhir-consent.ts'

const SHARE: Share = {
  grantId: '01'.repeat(16),
  direction: 'given',
  patient: 'aaaaa-aa',
  patientId: '01'.repeat(16),
  grantee: '2vxsx-fae',
  scope: ['labs', 'medicines'],
  rights: ['list', 'open'],
  purpose: 'TREAT',
  startNs: 1_700_000_000_000_000_000n,
  endNs: 1_700_086_400_000_000_000n,
  endedNs: null,
  state: 'live',
  bar: null,
}

describe('a share as FHIR', () => {
  test('has what an R4 Consent requires: status, scope, category, patient, and a policy', () => {
    const consent = fhirConsent(SHARE, 'MedGuard sharing agreement 1\n')
    expect(consent).toMatchObject({
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }, {}],
      patient: { identifier: { value: 'aaaaa-aa' } },
      dateTime: '2023-11-14T22:13:20.000Z',
      policyRule: { coding: [{ code: 'OPTIN' }] },
    })
    expect(atob(consent.sourceAttachment?.data ?? '')).toBe('MedGuard sharing agreement 1\n')
  })

  test('permits whom, what, what for and until when, and nothing else', () => {
    expect(fhirConsent(SHARE, null)).not.toHaveProperty('sourceAttachment')
    expect(fhirConsent(SHARE, null).provision).toEqual({
      type: 'permit',
      period: { start: '2023-11-14T22:13:20.000Z', end: '2023-11-15T22:13:20.000Z' },
      actor: [
        {
          role: expect.objectContaining({ coding: [expect.objectContaining({ code: 'PRCP' })] }),
          reference: { identifier: { system: 'urn:medguard:principal', value: '2vxsx-fae' } },
        },
      ],
      action: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'access' }] }],
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      code: ['labs', 'medicines'].map((code) => ({ coding: [{ system: 'urn:medguard:consent/category', code }] })),
    })
  })

  test('denies excluded members inside of what it permits their organisation, and names roles and days', () => {
    const terms = {
      roles: 3,
      excluded: ['bbbbb-bb'],
      namesSensitive: true,
      range: { categories: ['labs' as const], from: '2025-01-01', until: null },
    }
    const { provision } = fhirConsent({ ...SHARE, scope: ['shared'], rights: ['open', 'write'], terms }, null)
    expect(provision).toMatchObject({
      type: 'permit',
      dataPeriod: { start: '2025-01-01' },
      class: [{ code: 'physician' }, { code: 'nurse' }],
      data: [{ meaning: 'instance' }],
      provision: [{ type: 'deny', actor: [{ reference: { identifier: { value: 'bbbbb-bb' } } }] }],
    })
    expect(provision.action.map(({ coding }) => coding[0]?.code)).toEqual(['access', 'collect'])
  })

  test('is inactive from when it ended, and only proposed while one canister alone has it', () => {
    const revoked = fhirConsent({ ...SHARE, state: 'revoked', endedNs: SHARE.startNs + 1_000_000_000n }, null)
    expect([revoked.status, revoked.provision.period.end]).toEqual(['inactive', '2023-11-14T22:13:21.000Z'])
    expect(fhirConsent({ ...SHARE, state: 'notFinished' }, null).status).toBe('proposed')
    expect(fhirConsent({ ...SHARE, bar: 'paused' }, null).status).toBe('inactive')
    expect(fhirConsent({ ...SHARE, purpose: 'HRESCH' }, null).scope.coding[0]?.code).toBe('research')
  })
})
