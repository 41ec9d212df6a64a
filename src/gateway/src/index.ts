/** What an institution runs: FHIR R4 and HL7 v2 at its edge, decrypting locally. */
export {}
