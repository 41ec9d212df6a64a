import { Button } from '@mantine/core'
import { IconEye, IconFingerprint, IconKey, IconLock } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { Logo } from '../app/Logo.tsx'
import { Plain } from '../app/Plain.tsx'
import type { SessionView, SignedOutWhy } from './session-store.ts'
import './sign-in.css'

const WHY: Record<SignedOutWhy, { title: string; text: string } | null> = {
  fresh: null,
  signedOut: { title: 'You are signed out', text: 'Nothing readable is left on this device.' },
  idle: {
    title: 'Locked',
    text: 'What was open is gone from this page. Sign in again to go on where you were.',
  },
  ended: {
    title: 'Your session has ended',
    text: 'Sessions last at most 8 hours. Sign in again to go on where you were.',
  },
  stopped: {
    title: 'MedGuard had to stop',
    text: 'The part of this page that keeps your keys has ended, perhaps because the device ran out of memory. Your keys are gone from it, your records are safe. Sign in again to go on where you were.',
  },
}

export function SignInPage({ view }: { view: Extract<SessionView, { status: 'signedOut' }> }) {
  const { session, config } = usePage()
  const signIn = useStore(session, (state) => state.signIn)
  const why = WHY[view.why]
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = 'Sign in · MedGuard'
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <Plain>
      <div className="mg-hero">
        <Logo size={52} />
        <h1 ref={heading} tabIndex={-1}>
          {why === null ? 'Your health records, in your hands' : why.title}
        </h1>
        <p className="mg-soft">
          {why === null ? 'Kept encrypted, shared only by you, for as long as you say.' : why.text}
        </p>
      </div>
      {view.trouble === 'closed' && (
        <Notice tone="info" title="The sign-in window was closed" loud>
          <p>Nothing happened. Press the button to try again.</p>
        </Notice>
      )}
      {view.trouble === 'failed' && (
        <Notice tone="warn" title="Signing in did not work" loud>
          <p>The sign-in service said no or sent an answer that does not hold. Try again.</p>
        </Notice>
      )}
      <div className="mg-card mg-pad mg-stack">
        <Button
          size="lg"
          fullWidth
          leftSection={<IconFingerprint size={24} aria-hidden />}
          onClick={() => void signIn()}
        >
          {view.waiting
            ? 'Open the window again'
            : config.mode === 'production'
              ? 'Sign in with Internet Identity'
              : 'Sign in'}
        </Button>
        <output className="mg-block mg-soft mg-small">
          {view.waiting
            ? 'Go on in the sign-in window. If none came up, allow pop-up windows for this page and press the button again.'
            : 'A window opens where you confirm with your fingerprint, face or PIN of this device. There is no password, and no account to make first.'}
        </output>
      </div>
      {why === null && (
        <ul className="mg-points">
          <li>
            <IconLock size={22} aria-hidden />
            <span>Encrypted on this device before anything is sent.</span>
          </li>
          <li>
            <IconKey size={22} aria-hidden />
            <span>You choose who may read what, and until when.</span>
          </li>
          <li>
            <IconEye size={22} aria-hidden />
            <span>You see who looked. Nobody can erase that, not even us.</span>
          </li>
        </ul>
      )}
    </Plain>
  )
}
