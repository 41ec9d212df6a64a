import type { LinkInfo } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconLink } from '@tabler/icons-react'
import { useFresh, useNow, useRouter, useServices } from '../app/context.ts'
import { atText, leftText, msOf } from '../app/dates.ts'
import { EndButton } from '../app/EndButton.tsx'
import { EmptyState, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import './links.css'

/** Links for people without an account: those that open something, and those that are over. */
export function LinksTab() {
  const { links } = useServices()
  const list = useFresh(links.list)
  const { go } = useRouter()
  switch (list.status) {
    case 'loading':
      return <ListSkeleton label={t('links.finding')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={list.problem} what={t('links.notShown')} onRetry={list.load} />
    case 'ready': {
      if (list.value.length === 0)
        return (
          <EmptyState
            icon={<IconLink size={28} />}
            title={t('links.none')}
            actions={<Button onClick={() => go({ name: 'newLink' })}>{t('links.make')}</Button>}
          >
            <p>{t('links.noneText')}</p>
          </EmptyState>
        )
      return (
        <>
          {list.problem !== null && (
            <ProblemNotice problem={list.problem} what={t('page.outOfDate')} onRetry={list.load} />
          )}
          <ul className="mg-card mg-list" aria-label={t('links.yours')}>
            {list.value.map((link) => (
              <LinkRow key={link.linkId} link={link} />
            ))}
          </ul>
        </>
      )
    }
    default:
      return unreachable(list)
  }
}

const nameOf = ({ label }: LinkInfo): string => (label === null || label === '' ? t('links.unnamed') : label)

function LinkRow({ link }: { link: LinkInfo }) {
  const nowMs = useNow()
  const { ended, endNs, madeNs, hasPasscode, attemptsLeft, openings, lastOpenings } = link
  const openers = lastOpenings.toReversed()
  const isOver = ended !== null || msOf(endNs) <= nowMs
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <p className="mg-break">
          <strong>
            <bdi>{nameOf(link)}</bdi>
          </strong>
        </p>
        <p className="mg-soft mg-small">
          {isOver
            ? t(`links.over_${ended?.why ?? 'expired'}`, { at: atText(msOf(ended?.atNs ?? endNs), nowMs) })
            : t('links.lasts', { left: leftText(msOf(endNs), nowMs) })}
          {' · '}
          {t('links.madeAt', { at: atText(msOf(madeNs), nowMs) })}
        </p>
        {!isOver && (
          <p className="mg-soft mg-small">
            {hasPasscode ? t('links.triesLeft', { count: attemptsLeft }) : t('links.noPasscode')}
          </p>
        )}
        <p className="mg-small">{t('links.opened', { count: openings })}</p>
        {openers.length > 0 && (
          <ul className="mg-small mg-link-openers" aria-label={t('links.openersOf', { name: nameOf(link) })}>
            {openers.map(({ atNs, saysTheyAre }) => (
              <li key={String(atNs)}>{t('links.opener', { name: saysTheyAre, at: atText(msOf(atNs), nowMs) })}</li>
            ))}
          </ul>
        )}
      </div>
      {!isOver && <StopLink link={link} />}
    </li>
  )
}

function StopLink({ link }: { link: LinkInfo }) {
  const { end } = useServices().links
  const name = nameOf(link)
  return (
    <div className="mg-share-actions">
      <EndButton
        end={() => end(link.linkId)}
        label={t('links.stop')}
        name={t('links.stopOne', { name })}
        question={t('links.stopAsk', { name })}
        texts={[t('links.stopText'), t('links.stopSeen')]}
        notEnded={t('links.notStopped')}
      />
    </div>
  )
}
