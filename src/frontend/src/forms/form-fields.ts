import type { Category } from '@medguard/client'
import { clinicalMs } from '../app/dates.ts'
import { conceptText } from '../records/fhir-values.ts'
import { at, type Json, numberAt, textAt } from '../records/json-paths.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { type CodeList, conceptOf } from './code-lists.ts'
import type { FormKind, Values } from './form-store.ts'
import { type Path, pruned, withAt } from './json-building.ts'

// A form is a list of fields, each with its place in a FHIR R4 resource. What does not fit that (measurements) reads and writes itself.

export interface Option {
  readonly value: string
  readonly label: string
}
interface Common {
  readonly name: string
  readonly label: SimpleKey
  readonly hint?: SimpleKey
  readonly required?: true
  /** Asked only then. */
  readonly when?: (values: Values) => boolean
  /** Place in the resource; without one the form's own `write` puts it there. */
  readonly at?: Path
}
export type Field = Common &
  (
    | { readonly as: 'text' | 'long' | 'day' | 'time' }
    /** A day, a month or a year: as much as somebody knows. */
    | { readonly as: 'when' }
    | { readonly as: 'number'; readonly min: number; readonly max: number; readonly whole?: true }
    /** @property system of a CodeableConcept; without one the value stands there as it is. */
    | { readonly as: 'choice'; readonly options: (values: Values) => readonly Option[]; readonly system?: string }
    | { readonly as: 'coded'; readonly list: CodeList }
    | { readonly as: 'suggested'; readonly names: (values: Values) => readonly string[] }
  )

export interface FormSpec {
  readonly kind: FormKind
  readonly category: Exclude<Category, 'sensitive'>
  readonly resourceType: string
  /** What stands in the resource whatever is typed. */
  readonly fixed: (isCorrection: boolean) => Readonly<Record<string, Json>>
  /** Field that names the person. */
  readonly person: 'patient' | 'subject'
  readonly fields: readonly Field[]
  /** What a new form begins with. */
  readonly start?: (nowMs: number) => Values
  readonly write?: (resource: Json, values: Values, before: Json) => Json
  /** Null for a resource that the form cannot hold whole. */
  readonly read?: (resource: Json) => Values | null
  /** Beyond what each field tells of itself. */
  readonly check?: (values: Values) => Readonly<Record<string, string>>
  readonly title: (values: Values) => string
  /** FHIR date or dateTime. */
  readonly day: (values: Values) => string
}

export const LONG_MAX = 20_000
const TEXT_MAX = 120

/** A number as people type it: with a comma or a point, in the digits of their script. Null for what is none. */
export function numberTyped(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[,٫]/, '.')
  return /^-?\d{1,9}(\.\d{1,6})?$/.test(plain) ? Number(plain) : null
}

export const asked = (spec: FormSpec, values: Values): Field[] =>
  spec.fields.filter(({ when }) => when === undefined || when(values))

export function formErrors(spec: FormSpec, values: Values): Record<string, string> {
  const errors = asked(spec, values).flatMap((field) => {
    const error = fieldError(field, (values[field.name] ?? '').trim())
    return error === null ? [] : [[field.name, error] as const]
  })
  return { ...spec.check?.(values), ...Object.fromEntries(errors) }
}

function fieldError(field: Field, typed: string): string | null {
  if (typed === '') return field.required === true ? t('forms.errorMissing', { field: t(field.label) }) : null
  const max = field.as === 'long' ? LONG_MAX : TEXT_MAX
  if (Array.from(typed).length > max) return t('forms.errorLong', { field: t(field.label), max })
  switch (field.as) {
    case 'day':
    case 'when':
      return clinicalMs(typed) === null ? t('forms.errorDay', { field: t(field.label) }) : null
    case 'number': {
      const number = numberTyped(typed)
      if (number === null || (field.whole === true && !Number.isInteger(number)))
        return t('forms.errorNumber', { field: t(field.label) })
      return number < field.min || number > field.max
        ? t('forms.errorRange', { field: t(field.label), min: field.min, max: field.max })
        : null
    }
    default:
      return null
  }
}

/** @param before what is corrected: whatever the form has no field for stays as it is. */
export function resourceOf(spec: FormSpec, values: Values, person: string, before: Json): Json {
  let resource: Json = { resourceType: spec.resourceType, ...spec.fixed(before !== null) }
  if (before !== null) resource = { ...(before as object), ...(resource as object) }
  const shown = asked(spec, values)
  for (const field of spec.fields) {
    if (field.at === undefined) continue
    const typed = shown.includes(field) ? (values[field.name] ?? '').trim() : ''
    resource = withAt(resource, field.at, typed === '' ? undefined : written(field, typed, at(before, ...field.at)))
  }
  if (before === null || at(before, spec.person) === undefined)
    resource = withAt(resource, [spec.person], { type: 'Patient', display: person === '' ? 'Patient' : person })
  return pruned(spec.write?.(resource, values, before) ?? resource)
}

function written(field: Field, typed: string, before: Json): Json {
  switch (field.as) {
    case 'number':
      return numberTyped(typed) ?? undefined
    case 'choice':
      return field.system === undefined ? typed : { coding: [{ system: field.system, code: typed }] }
    case 'coded':
      return conceptText(before) === typed ? before : conceptOf(field.list, typed)
    case 'day':
    case 'when': // the hour of a day that nobody changed stays
      return textAt(before)?.slice(0, 10) === typed ? before : typed
    default:
      return typed
  }
}

/** What the form would show of a resource; null when it is none of its own. */
export function valuesOf(spec: FormSpec, resource: Json): Values | null {
  if (textAt(resource, 'resourceType') !== spec.resourceType) return null
  const values: Record<string, string> = {}
  for (const field of spec.fields) {
    if (field.at === undefined) continue
    const there = at(resource, ...field.at)
    if (there === undefined) continue
    const text = readField(field, there)
    if (text === null) return null
    values[field.name] = text
  }
  if (spec.read === undefined) return values
  const more = spec.read(resource)
  return more === null ? null : { ...values, ...more }
}

function readField(field: Field, there: Json): string | null {
  switch (field.as) {
    case 'number':
      return String(numberAt(there) ?? '')
    case 'choice': {
      const code = field.system === undefined ? textAt(there) : textAt(there, 'coding', 0, 'code')
      return field.options({}).some(({ value }) => value === code) ? code : null
    }
    case 'coded':
      return conceptText(there)
    case 'day':
    case 'when':
      return textAt(there)?.slice(0, 10) ?? null
    default:
      return textAt(there)
  }
}
