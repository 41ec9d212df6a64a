import { type ReactNode, useEffect } from 'react'
import { Link, Page } from '../app/elements.tsx'
import type { Area } from '../app/routes.ts'
import { t } from '../words/language.ts'

/** Each claim the page makes, explained in about a hundred words. */
const TOPICS: readonly { id: string; title: string; text: ReactNode }[] = [
  {
    id: 'encryption',
    title: 'Who can read my records?',
    text: (
      <>
        <p>
          You, and the people you share with, until the share ends. Your device encrypts each record, its title and its
          date before they are sent. What is stored is unreadable to those who store it.
        </p>
        <p>
          Each record has a key of its own. To open one, your device asks the network, whose computers must agree before
          they hand out what is needed, and they do so only for you or under a share that you gave. No single one of
          them could do it alone.
        </p>
      </>
    ),
  },
  {
    id: 'codes',
    title: 'What is a share code?',
    text: (
      <>
        <p>
          A long name for one sign-in at MedGuard. It is not secret: who has yours can share with you and cannot do
          anything else. You find it under “Code and settings”.
        </p>
        <p>
          MedGuard does not know who stands behind a code. So get it from the person directly, on the spot or over a way
          you trust. Two codes may look alike at their ends and differ in the middle: copy the whole of it instead of
          comparing a few letters. The code has its own check for typing mistakes.
        </p>
      </>
    ),
  },
  {
    id: 'stopping',
    title: 'What happens when I stop sharing?',
    text: (
      <>
        <p>
          From the moment the network confirms it, nothing more opens for that person, and a page they have open goes
          blank within seconds. Until it is confirmed, access is still on, and the page says so.
        </p>
        <p>
          What they have seen, they have seen. They may have saved, printed or remembered it, and no technology takes
          that back. The access log shows what they opened, so that you know.
        </p>
      </>
    ),
  },
  {
    id: 'log',
    title: 'How does the access log work?',
    text: (
      <>
        <p>
          Before a record opens for anybody, you included, an entry is written. Without the entry nothing opens. Each
          entry carries a fingerprint of the whole log before it, and the network signs the newest one.
        </p>
        <p>
          Whenever you look at the log, this page checks these fingerprints and signatures itself. A missing, changed or
          inserted entry does not fit, and the page says so instead of showing the log as complete. It also remembers
          what it saw last, so that nobody can show it an older state.
        </p>
      </>
    ),
  },
  {
    id: 'integrity',
    title: 'What does “matches what was stored” mean?',
    text: (
      <p>
        When a record is saved, its fingerprint is written into the log. When it is opened, this page computes the
        fingerprint of what it received and compares the two. They are equal only if not a single bit differs. If they
        do differ, nothing of the content is shown: you see a red notice instead. This says that the record is unchanged
        since it was saved. It does not say that its author was right.
      </p>
    ),
  },
  {
    id: 'sign-in',
    title: 'How do I sign in, and what if I lose my phone?',
    text: (
      <p>
        You sign in with Internet Identity: your device confirms that it is you, with fingerprint, face or its PIN.
        There is no password that could leak. Add a second device or a recovery method there soon. Nobody, MedGuard
        included, can let you in without one of them, and without a way in the records cannot be opened any more.
      </p>
    ),
  },
]

export function HelpPage({ area, topic }: { area: Area; topic: string | null }) {
  useEffect(() => {
    if (topic === null) return
    const wanted = document.getElementById(`help-${topic}`)
    wanted?.focus()
    wanted?.scrollIntoView()
  }, [topic])
  return (
    <Page title="Help" intro="What MedGuard promises, and what it means.">
      <p>
        <Link to={{ name: 'privacy', area }}>{t('privacy.title')}</Link>
      </p>
      <div className="mg-stack">
        {TOPICS.map(({ id, title, text }) => (
          <section key={id} className="mg-card mg-pad mg-stack" aria-labelledby={`help-${id}`}>
            <h2 id={`help-${id}`} tabIndex={-1}>
              {title}
            </h2>
            {text}
          </section>
        ))}
      </div>
    </Page>
  )
}
