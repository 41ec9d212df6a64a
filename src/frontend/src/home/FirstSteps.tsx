import { IconFileUpload, IconHeartbeat, IconNotes, IconShare, IconTransferIn } from '@tabler/icons-react'
import { useServices } from '../app/context.ts'
import { Link } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'

const FIRST_STEPS: readonly { to: Route; icon: typeof IconNotes; title: SimpleKey; text: SimpleKey }[] = [
  {
    to: { name: 'add', as: 'file' },
    icon: IconFileUpload,
    title: 'home.firstRecord',
    text: 'home.firstRecordText',
  },
  {
    to: { name: 'add', as: 'note' },
    icon: IconNotes,
    title: 'home.firstNote',
    text: 'home.firstNoteText',
  },
  {
    to: { name: 'import' },
    icon: IconTransferIn,
    title: 'home.firstImport',
    text: 'home.firstImportText',
  },
  {
    to: { name: 'devices', at: 'new' },
    icon: IconHeartbeat,
    title: 'home.firstDevice',
    text: 'home.firstDeviceText',
  },
  {
    to: { name: 'settings', area: 'patient' },
    icon: IconShare,
    title: 'home.firstCode',
    text: 'home.firstCodeText',
  },
]

const WARD_STEPS: Partial<Record<SimpleKey, SimpleKey>> = {
  'home.firstCode': 'ward.firstCode',
  'home.firstCodeText': 'ward.firstCodeText',
}

/** Where nothing is there yet: ways to begin. */
export function FirstSteps() {
  const isWard = useServices().ward !== null
  const said = (key: SimpleKey) => t((isWard ? WARD_STEPS[key] : undefined) ?? key)
  return (
    <ul className="mg-first">
      {FIRST_STEPS.map(({ to, icon: Icon, title, text }) => (
        <li key={title}>
          <Link to={to} className="mg-card mg-first-card">
            <Icon size={30} stroke={1.6} aria-hidden />
            <strong>{said(title)}</strong>
            <span className="mg-soft">{said(text)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
