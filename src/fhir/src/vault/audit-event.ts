import type { AuditEvent, Coding } from '@medplum/fhirtypes'
import { identified, type LogLine, SYSTEM, uuidOf, type VaultPatient } from './vault-record.ts'

// A line of the log as IHE's Basic Audit Log Patterns have it (profiles.ihe.net/ITI/BALP): who, on whose behalf, which patient, what, what for, and how it
// ended. The proof stays with the log: `medguard log --evidence` takes it along.

const HL7 = 'http://terminology.hl7.org/CodeSystem'
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM'
const INTERACTION = 'http://hl7.org/fhir/restful-interaction'

const REST: Coding = { system: `${HL7}/audit-event-type`, code: 'rest', display: 'RESTful Operation' }
const EXPORT: Coding = { system: DICOM, code: '110106', display: 'Export' }
const SECURITY: Coding = { system: DICOM, code: '110113', display: 'Security Alert' }
const SECURITY_ADMINISTRATION: Coding = { system: DICOM, code: '110129', display: 'Security Roles Changed' }

interface Kind {
  readonly type: Coding
  readonly action: NonNullable<AuditEvent['action']>
  readonly subtype?: string
  /** What `objectId` names. */
  readonly object: 'record' | 'grant' | null
}
const record = (subtype: string, action: Kind['action']): Kind => ({ type: REST, action, subtype, object: 'record' })
const share = (subtype: string, action: Kind['action']): Kind => ({ type: REST, action, subtype, object: 'grant' })

const KINDS: Readonly<Record<string, Kind>> = {
  open: record('read', 'R'),
  listSession: { type: REST, action: 'E', subtype: 'search-type', object: null },
  recordAdd: record('create', 'C'),
  deposit: record('create', 'C'),
  recordDelete: record('delete', 'D'),
  exported: { type: EXPORT, action: 'R', object: null },
  grant: share('create', 'C'),
  revoke: share('update', 'U'),
  expiryNoticed: share('update', 'U'),
  refused: { type: SECURITY, action: 'E', object: null },
  keyWithheld: { type: SECURITY, action: 'E', object: null },
  keyFailed: { type: SECURITY, action: 'E', object: null },
}
/** Whatever else changes who may do what. */
const OTHER: Kind = { type: SECURITY_ADMINISTRATION, action: 'E', object: null }

/** @param urlOf the `fullUrl` of a record that goes along, else null. */
export function auditEventOf(
  line: LogLine,
  patient: VaultPatient,
  urlOf: (recordId: string) => string | null,
): AuditEvent {
  const kind = KINDS[line.event] ?? OTHER
  const purpose = line.purpose === null ? [] : [{ coding: [{ system: `${HL7}/v3-ActReason`, code: line.purpose }] }]
  const subtype: Coding[] = [{ system: SYSTEM.event, code: line.event }]
  if (kind.subtype !== undefined) subtype.unshift({ system: INTERACTION, code: kind.subtype })
  const agent: AuditEvent['agent'] = [
    {
      type: { coding: [{ system: `${HL7}/v3-ParticipationType`, code: 'IRCP', display: 'information recipient' }] },
      who: identified(SYSTEM.principal, line.actor),
      requestor: true,
      ...(purpose.length === 0 ? {} : { purposeOfUse: purpose }),
    },
  ]
  if (line.organisationId !== null)
    agent.push({ who: identified(SYSTEM.organisation, line.organisationId), requestor: false })
  return {
    resourceType: 'AuditEvent',
    type: kind.type,
    subtype,
    action: kind.action,
    recorded: line.at,
    outcome: line.failed ? '4' : '0',
    ...(line.reason === null ? {} : { outcomeDesc: line.reason }),
    ...(purpose.length === 0 ? {} : { purposeOfEvent: purpose }),
    agent,
    source: {
      observer: { display: 'MedGuard audit log' },
      type: [{ system: `${HL7}/security-source-type`, code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(line, kind, patient, urlOf),
  }
}

function entitiesOf(
  line: LogLine,
  { object }: Kind,
  { principal }: VaultPatient,
  urlOf: (recordId: string) => string | null,
): NonNullable<AuditEvent['entity']> {
  const entity = (what: object, type: Coding, role: Coding) => ({ what, type, role })
  const domain: Coding = { system: `${HL7}/object-role`, code: '4', display: 'Domain Resource' }
  const system: Coding = { system: `${HL7}/audit-entity-type`, code: '2', display: 'System Object' }
  const person: Coding = { system: `${HL7}/audit-entity-type`, code: '1', display: 'Person' }
  const found = [
    entity(identified(SYSTEM.principal, principal), person, {
      system: `${HL7}/object-role`,
      code: '1',
      display: 'Patient',
    }),
  ]
  if (object === 'record') {
    const url = urlOf(line.objectId)
    found.push(
      entity(
        { ...(url === null ? {} : { reference: url }), ...identified(SYSTEM.record, line.objectId) },
        system,
        domain,
      ),
    )
  }
  const grantId = object === 'grant' ? line.objectId : line.grantId
  if (grantId !== null) found.push(entity(identified(SYSTEM.grant, grantId), system, domain))
  if (line.subject !== null)
    found.push(
      entity(identified(SYSTEM.principal, line.subject), person, {
        system: `${HL7}/object-role`,
        code: '6',
        display: 'User',
      }),
    )
  return found
}

/** One line is one entry, also when two lines say the same. */
export const logUrlOf = ({ leafIndex }: LogLine): string => `urn:medguard:log:${leafIndex}`
export const patientUrlOf = ({ patientId }: VaultPatient): string => `urn:uuid:${uuidOf(patientId)}`
