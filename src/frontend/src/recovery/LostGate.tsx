import type { ReactNode } from 'react'
import { useRouter } from '../app/context.ts'
import { lazyPage } from '../app/lazy-page.tsx'
import { Plain } from '../app/Plain.tsx'

const LostPage = lazyPage(async () => (await import('./LostPage.tsx')).LostPage)

/** For a sign-in without a health record: the way back to the one that somebody has, instead of a new one. */
export function LostGate({ children }: { children: ReactNode }) {
  const { route } = useRouter()
  if (route.name !== 'lost') return children
  return (
    <Plain signOut>
      <LostPage />
    </Plain>
  )
}
