import type { Category } from '@medguard/client'
import { CheckChoice } from '../app/Choice.tsx'
import { useKnown, useServices } from '../app/context.ts'
import { t } from '../words/language.ts'
import { useSensitive } from './use-names.ts'

/** Kinds that the patient holds for sensitive, each to be ticked by itself; none of which nothing could go along. */
export function SensitiveTicks(props: {
  fits: (mediaType: string) => boolean
  on: readonly Category[]
  onChange: (on: readonly Category[]) => void
}) {
  const known = useKnown(useServices().records)
  const offered = useSensitive().kinds.filter(
    (kind) => known === null || known.some(({ category, mediaType }) => category === kind && props.fits(mediaType)),
  )
  if (offered.length === 0) return null
  return (
    <CheckChoice
      legend={t('links.alsoSensitive')}
      name="also-sensitive"
      on={props.on}
      options={offered.map((value) => ({ value, label: t(`categories.${value}`), hint: t('requests.leftOut') }))}
      onChange={props.onChange}
    />
  )
}
