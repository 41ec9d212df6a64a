import { Button } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { ServicesContext, useLoadable, useOwn, useRouter, useServices } from '../app/context.ts'
import { Link, ProblemNotice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import './acting.css'

/** The record that the address names is the one that is open: one's own, or that of somebody for whom one acts. */
export function Acting({ children }: { children: ReactNode }) {
  const { ward } = useRouter()
  return ward === null ? children : <ActingFor patientId={ward}>{children}</ActingFor>
}

function ActingFor({ patientId, children }: { patientId: string; children: ReactNode }) {
  const own = useOwn()
  const people = useLoadable(own.around)
  const { switchTo } = useRouter()
  const ward = people.status === 'ready' ? people.value.wards.find((each) => each.patientId === patientId) : undefined
  const services = ward === undefined ? null : own.actingFor(ward)
  useEffect(() => {
    if (services === null) return
    services.poller.start()
    return () => services.poller.stop()
  }, [services])
  if (services !== null) return <ServicesContext value={services}>{children}</ServicesContext>
  return (
    <Plain signOut>
      {people.status === 'loading' && <output className="mg-block mg-soft">{t('page.looking')}</output>}
      {people.status === 'failed' && <ProblemNotice problem={people.problem} onRetry={people.load} />}
      {people.status === 'ready' && <h1>{t('profiles.notYours')}</h1>}
      {people.status !== 'loading' && (
        <div className="mg-row">
          <Button onClick={() => switchTo(null)}>{t('profiles.back')}</Button>
        </div>
      )}
    </Plain>
  )
}

/** Whose record is open, always in sight, in name and colour; it leads to the others. */
export function ProfileSwitch() {
  const { ward } = useServices()
  return ward === null ? <Switch name={t('profiles.mine')} code={null} /> : <WardSwitch code={ward.patient} />
}
function WardSwitch({ code }: { code: string }) {
  return <Switch name={useWardName(code)} code={code} />
}
function useWardName(code: string): string {
  const profile = useLoadable(useServices().profile)
  return (profile.status === 'ready' ? profile.value.name : undefined) ?? shortCode(code)
}

/** The same eight colours as people have elsewhere: the same code, the same colour. */
const hueOf = (code: string) =>
  Array.from(code).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7) % 8

function Switch({ name, code }: { name: string; code: string | null }) {
  return (
    <Link to={{ name: 'people' }} className="mg-switch" label={t('profiles.switch', { name })}>
      <span className={`mg-switch-dot mg-hue-${code === null ? 'mine' : hueOf(code)}`} aria-hidden />
      <bdi className="mg-switch-name">{name}</bdi>
    </Link>
  )
}

/** Said on every page while somebody else's record is open. */
export function ActingStrip() {
  const { ward } = useServices()
  return ward === null ? null : <Strip code={ward.patient} />
}
function Strip({ code }: { code: string }) {
  const { switchTo } = useRouter()
  const name = useWardName(code)
  return (
    <section className={`mg-acting mg-hue-${hueOf(code)}`} aria-label={t('profiles.acting')}>
      <strong>{t('profiles.of', { name })}</strong>
      <button type="button" className="mg-chip" onClick={() => switchTo(null)}>
        {t('profiles.back')}
      </button>
    </section>
  )
}
