/** FHIR R4 and HL7 v2: reading, checking, mapping. Pure: no network, no keys. */
export * from './hl7v2/index.ts'
