import { SEGMENT_MEDIA_TYPE } from '@medguard/readings'

const FHIR_JSON = /^application\/(?:fhir\+)?json(?:;|$)/

/** Whether a record of this kind can be in an International Patient Summary: FHIR, or what devices sent. */
export const fitsSummary = (mediaType: string): boolean => FHIR_JSON.test(mediaType) || mediaType === SEGMENT_MEDIA_TYPE
