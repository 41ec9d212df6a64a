import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { usePage } from './context.ts'
import { Logo } from './Logo.tsx'

/** Frame of pages that stand alone: no menu, nothing of anybody's records. */
export function Plain({ children, signOut }: { children: ReactNode; signOut?: boolean }) {
  const { session, config } = usePage()
  const leave = useStore(session, (state) => state.leave)
  return (
    <div className="mg-plain">
      <header className="mg-plain-head mg-row">
        <span className="mg-brand">
          <Logo /> MedGuard
        </span>
        {signOut === true && (
          <button type="button" className="mg-chip mg-push" onClick={() => void leave('signedOut')}>
            Sign out
          </button>
        )}
      </header>
      <main className="mg-plain-main mg-stack">{children}</main>
      <footer className="mg-plain-foot">
        {config.mode === 'development' && <p>Development network on this computer: made-up data only.</p>}
        <p>MedGuard {config.version}</p>
      </footer>
    </div>
  )
}
