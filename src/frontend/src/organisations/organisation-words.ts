import type { Organisation, Role } from '@medguard/client'
import { momentText, msOf } from '../app/dates.ts'
import { listText, t } from '../words/language.ts'

/** Whether anybody vouches for it, in a sentence. */
export function standingText(organisation: Organisation, nowMs: number): string {
  const { isInForce, isSuspended, verified } = organisation
  if (isSuspended) return t('organisations.standingSuspended')
  if (verified === null) return t('organisations.standingNew')
  const until = momentText(msOf(verified.untilNs), nowMs)
  if (isInForce) return t('organisations.standingVerified', { until })
  return msOf(verified.untilNs) <= nowMs
    ? t('organisations.standingOver', { until })
    : t('organisations.standingUnsettled')
}

export const rolesText = (roles: readonly Role[]): string =>
  roles.length === 0 ? t('organisations.noRole') : listText(roles.map((role) => t(`roles.${role}`)))
