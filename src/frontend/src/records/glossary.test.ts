import { LABS, SYSTOLIC } from '@medguard/readings'
import { expect, test } from 'vitest'
import { en } from '../words/en.ts'
import { t } from '../words/language.ts'
import { GLOSSARY, termOf } from './glossary.ts'

test('a term is known by its code, in whatever words it came, and every laboratory test that we name has a sentence', () => {
  expect(termOf('LOINC 718-7')).toBe('haemoglobin')
  expect(termOf('LOINC 85354-9')).toBe('bloodPressure')
  for (const code of [null, '', 'Haemoglobin', '718-7', 'SNOMED CT 718-7', 'LOINC 0-0']) expect(termOf(code)).toBeNull()
  for (const { id, units } of [...LABS, SYSTOLIC]) expect(termOf(`LOINC ${units[0].loinc}`), id).not.toBeNull()
})

test('each sentence has a term that shows it, and is one sentence', () => {
  expect(Object.keys(en.glossary).toSorted()).toEqual(GLOSSARY.toSorted())
  for (const term of GLOSSARY) expect(t(`glossary.${term}`)).toMatch(/^[A-Z][^.]+\.$/)
})
