/** What an institution runs: FHIR R4 and HL7 v2 at its edge, decrypting locally. */
export * from './delivery/index.ts'
export * from './mllp/index.ts'
export * from './quarantine/index.ts'
export * from './spool/index.ts'
