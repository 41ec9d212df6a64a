import { Notice } from './elements.tsx'

/** A page that was built without its constants, or for another place than this one, trusts nobody. */
export function NoConfig() {
  return (
    <main className="mg-plain-main">
      <h1>MedGuard</h1>
      <Notice tone="bad" title="This page cannot be used here" loud>
        <p>It was built without knowing which network to trust, or for another address. Nothing was loaded.</p>
      </Notice>
    </main>
  )
}
