import type { Recipient } from '@medguard/client'
import { IconAlertTriangle, IconRosetteDiscountCheck } from '@tabler/icons-react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { Person } from '../app/elements.tsx'
import { NamePerson } from '../people/NamePerson.tsx'
import { recipientWords } from './recipient-words.ts'
import { t } from '../words/language.ts'
import './who-is.css'

/** Somebody by their code, with who vouches for them. Until that is known nothing is claimed. */
export function WhoIs({ code }: { code: string }) {
  const { recipients } = useServices()
  const who = useLoadable(recipients(code))
  return (
    <div className="mg-who">
      {who.status === 'ready' && who.value.organisation !== null ? (
        <strong className="mg-break">
          <bdi>{who.value.organisation.name}</bdi>
        </strong>
      ) : (
        <>
          <Person code={code} />
          <NamePerson code={code} />
        </>
      )}
      <output className="mg-block mg-small">
        {who.status === 'loading' && <span className="mg-soft">{t('requests.lookingWho')}</span>}
        {who.status === 'failed' && <span className="mg-who-warn">{t('requests.whoUnknown')}</span>}
        {who.status === 'ready' && <Standing recipient={who.value} />}
      </output>
    </div>
  )
}

function Standing({ recipient }: { recipient: Recipient }) {
  const { vouched, warnings } = recipientWords(recipient, useNow())
  return (
    <>
      {vouched.map((text) => (
        <span key={text} className="mg-who-line mg-who-good">
          <IconRosetteDiscountCheck size={18} aria-hidden />
          <span>{text}</span>
        </span>
      ))}
      {warnings.map((text) => (
        <span key={text} className="mg-who-line mg-who-warn">
          <IconAlertTriangle size={18} aria-hidden />
          <span>{text}</span>
        </span>
      ))}
    </>
  )
}
