import type { MembershipInfo } from '@medguard/client'
import { IconLock } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useIfAny, useNow, useOwn, usePage, useRouter } from '../app/context.ts'
import { leftText } from '../app/dates.ts'
import type { Route } from '../app/routes.ts'
import { LOCK_KEY } from '../app/use-lock-key.ts'
import { rolesText } from '../organisations/organisation-words.ts'
import { t } from '../words/language.ts'
import { activeOf, behind } from './standing.ts'

/** Always in sight while other people's records may be: what this is, as whom one is here, how long the session lasts, and how to lock it. */
export function ProviderStrip() {
  const { session } = usePage()
  const { view, leave } = useStore(session)
  const nowMs = useNow()
  return (
    <section className="mg-strip" aria-label={t('shell.providerView')}>
      <div className="mg-strip-text">
        <p>
          <strong>{t('shell.providerView')}</strong>
          {view.status === 'signedIn' && ` · ${t('shell.sessionLeft', { time: leftText(view.endsAtMs, nowMs) })}`}
        </p>
        <Standing nowMs={nowMs} />
      </div>
      <button type="button" className="mg-strip-button" aria-keyshortcuts={LOCK_KEY} onClick={() => void leave('idle')}>
        <IconLock size={20} aria-hidden />
        {t('shell.lock')}
        <kbd className="mg-key" aria-hidden>
          {LOCK_KEY}
        </kbd>
      </button>
    </section>
  )
}

const grantOf = (route: Route): string | null => ('grantId' in route ? route.grantId : null)

/** Organisation and role: the only ones there are, or those of the share that is open. */
function Standing({ nowMs }: { nowMs: number }) {
  const memberships = useIfAny(useOwn().organisations.memberships)
  const { route } = useRouter()
  const grantId = grantOf(route)
  if (memberships === null) return null // nobody says what they are before it is known
  const active = activeOf(memberships, nowMs)
  const [only, ...others] = active
  if (only === undefined) return <p>{t('strip.none')}</p>
  if (others.length === 0) return <As membership={only} />
  return grantId === null ? <Several count={active.length} /> : <OfShare active={active} grantId={grantId} />
}

function OfShare({ active, grantId }: { active: readonly MembershipInfo[]; grantId: string }) {
  const shares = useIfAny(useOwn().received)
  const membership = behind(active, shares?.find((share) => share.grantId === grantId) ?? null)
  return membership === null ? <Several count={active.length} /> : <As membership={membership} />
}

const Several = ({ count }: { count: number }) => <p>{t('strip.several', { count })}</p>

function As({ membership: { organisation, member } }: { membership: MembershipInfo }) {
  return (
    <p className="mg-strip-as">
      <bdi>{organisation.name}</bdi>
      <span>
        {!organisation.isInForce && `(${t('strip.unverified')}) `}· {rolesText(member.roles)}
      </span>
    </p>
  )
}
