import type { AccessRequestInfo } from '@medguard/client'
import { IconMailbox } from '@tabler/icons-react'
import { useFresh, useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { scopeText } from '../app/words.ts'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { isOpen } from './approval-draft.ts'
import { RequestCard } from './RequestCard.tsx'
import '../sharing/sharing.css'
import './requests.css'

/** What others ask of the patient, and what became of it. */
export function RequestsPage() {
  const { requests, rules } = useServices()
  const received = useFresh(requests.received)
  useLoadable(rules.laid) // what is sensitive is not approved with the rest
  return (
    <Page
      title={t('requests.title')}
      intro={t('requests.intro')}
      back={{ to: { name: 'sharing', tab: 'people' }, label: t('sharing.title') }}
      actions={
        <Link to={{ name: 'rules' }} className="mg-button-link">
          {t('requests.whoMayAsk')}
        </Link>
      }
    >
      <Body received={received} />
    </Page>
  )
}

function Body({ received }: { received: ReturnType<typeof useLoadable<readonly AccessRequestInfo[]>> }) {
  const nowMs = useNow(5_000)
  switch (received.status) {
    case 'loading':
      return <ListSkeleton label={t('requests.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={received.problem} what={t('requests.notShown')} onRetry={received.load} />
    case 'ready': {
      const open = received.value.filter((request) => isOpen(request, nowMs))
      const past = received.value.filter((request) => !isOpen(request, nowMs))
      return (
        <>
          {received.problem !== null && (
            <ProblemNotice problem={received.problem} what={t('page.outOfDate')} onRetry={received.load} />
          )}
          {open.length === 0 ? (
            <EmptyState icon={<IconMailbox size={28} />} title={t('requests.none')}>
              <p>{t('requests.noneText')}</p>
            </EmptyState>
          ) : (
            <ul className="mg-asks" aria-label={t('requests.open')}>
              {open.map((request) => (
                <RequestCard key={request.askId} request={request} />
              ))}
            </ul>
          )}
          {past.length > 0 && (
            <Section title={t('requests.past')}>
              <ul className="mg-card mg-list" aria-label={t('requests.past')}>
                {past.map((request) => (
                  <PastRequest key={request.askId} request={request} nowMs={nowMs} />
                ))}
              </ul>
            </Section>
          )}
        </>
      )
    }
    default:
      return unreachable(received)
  }
}

function PastRequest({ request, nowMs }: { request: AccessRequestInfo; nowMs: number }) {
  // What nobody answered in time is over by this device's clock before the list says so.
  const state = request.state === 'pending' ? 'expired' : request.state
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Person code={request.requester} />
        <p className="mg-share-scope">{scopeText(request.categories)}</p>
        <p className="mg-soft mg-small">
          {t('requests.askedAt', { at: atText(msOf(request.askedNs), nowMs) })} · {t(`purposes.${request.purpose}`)}
        </p>
      </div>
      <span className="mg-badge mg-info">{t(`requests.${state}`)}</span>
    </li>
  )
}
