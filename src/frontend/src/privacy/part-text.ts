import { t } from '../words/language.ts'
import { partNamed, type RunningCode } from './running-code.ts'

/** What a part of MedGuard is called. */
export const partText = ({ part, shard }: Pick<RunningCode, 'part' | 'shard'>): string =>
  shard === 0 ? t(`privacy.${part}`) : t('privacy.auditPart', { number: shard + 1 })

export const nameText = (name: string): string => partText(partNamed(name))
