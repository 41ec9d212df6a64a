// HL7 table 0396 and what FHIR calls the same systems; HL7's own v2 tables are named by a rule.

const SYSTEMS: Readonly<Record<string, string>> = {
  LN: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  SNM: 'http://snomed.info/sct',
  UCUM: 'http://unitsofmeasure.org',
  I9: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9CDX: 'http://hl7.org/fhir/sid/icd-9-cm',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
  CVX: 'http://hl7.org/fhir/sid/cvx',
  MVX: 'http://hl7.org/fhir/sid/mvx',
  NDC: 'http://hl7.org/fhir/sid/ndc',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  C4: 'http://www.ama-assn.org/go/cpt',
  CDCREC: 'urn:oid:2.16.840.1.113883.6.238',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  NCIT: 'http://ncithesaurus-stage.nci.nih.gov',
  ATC: 'http://www.whocc.no/atc',
}

/** @returns undefined for a system that has no name that everybody knows: a code of it is a word of its sender. */
export function systemOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const table = /^HL7\s*-?(\d{4})$/i.exec(name)?.[1]
  return table === undefined ? SYSTEMS[name.toUpperCase()] : v2Table(table)
}

export const v2Table = (number: string): string => `http://terminology.hl7.org/CodeSystem/v2-${number}`
export const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem'
export const LOINC = 'http://loinc.org'
export const UCUM = 'http://unitsofmeasure.org'

/** LOINC codes that the profile "vital signs" of R4 names, and their panels. */
export const VITAL_SIGNS: ReadonlySet<string> = new Set([
  '85353-1',
  '85354-9',
  '8480-6',
  '8462-4',
  '8867-4',
  '9279-1',
  '2708-6',
  '59408-5',
  '8310-5',
  '8302-2',
  '8306-3',
  '9843-4',
  '8287-5',
  '29463-7',
  '39156-5',
])
