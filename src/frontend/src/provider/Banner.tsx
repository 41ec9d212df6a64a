import { useNow } from '../app/context.ts'
import { clinicalDayText, leftText, momentText, msOf } from '../app/dates.ts'
import { Person } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import type { OpenGrant } from './OpenPatient.tsx'
import { usePatient } from './use-patient.ts'

const soft = (text: string) => <span className="mg-soft">{text}</span>

/** Always on top: whose records these are, what for, and how long they stay. Lock stands in the strip above, on every page of this view. */
export function Banner({ share, ...open }: OpenGrant) {
  const nowMs = useNow(10_000)
  const { name, birthDate } = usePatient(open)
  const born = clinicalDayText(birthDate)
  const endMs = msOf(share.endNs)
  return (
    <section className="mg-card mg-banner" aria-label={t('provider.access')}>
      <div className="mg-banner-who">
        <Person code={share.patient} />
        {name !== null && (
          <strong className="mg-break">
            <bdi>{name}</bdi>
          </strong>
        )}
        {born !== null && <span>{t('records.born', { day: born })}</span>}
      </div>
      <p>
        <Marked text="provider.whatFor" values={{ purpose: t(`purposes.${share.purpose}`) }} marks={{ soft }} />
      </p>
      <p>
        <Marked
          text="provider.accessUntil"
          values={{ until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) }}
          marks={{ soft, b: (text) => <strong>{text}</strong> }}
        />
      </p>
    </section>
  )
}
