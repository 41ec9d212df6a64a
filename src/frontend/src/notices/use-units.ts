import type { Profile } from '@medguard/client'
import { useKnown, useServices } from '../app/context.ts'
import { choicesOf } from './told.ts'

/** The system of units that the reader chose; undefined where none was, or before it is known. */
export function useUnits(): Profile['units'] {
  const report = useKnown(useServices().notices.report)
  return report === null ? undefined : choicesOf(report).units
}
