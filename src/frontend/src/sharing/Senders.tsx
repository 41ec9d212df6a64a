import type { Share } from '@medguard/client'
import { Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { ShareRow } from './ShareRow.tsx'

/** Who may send to the inbox and sees nothing: apart from who can see records, and ended like any share. */
export function Senders({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  if (shares.length === 0) return null
  return (
    <Section title={t('inboxShare.who')}>
      <ul className="mg-card mg-list" aria-label={t('inboxShare.who')}>
        {shares.map((share) => (
          <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
        ))}
      </ul>
    </Section>
  )
}
