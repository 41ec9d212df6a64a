import type { RecordSummary } from '@medguard/client'
import { Link, Section } from '../../app/elements.tsx'
import { useKnown, useServices } from '../../app/context.ts'
import { t } from '../../words/language.ts'
import { KeepHere } from '../../offline/KeepHere.tsx'
import { RecordFacts } from '../RecordFacts.tsx'
import { WhoCanOpen } from '../WhoCanOpen.tsx'
import { Integrity } from './Integrity.tsx'
import { Notes } from './Notes.tsx'
import { Remove } from './Remove.tsx'
import { Versions } from './Versions.tsx'
import { WhoOpened } from './WhoOpened.tsx'
import './detail.css'

/** Everything about a record beside its content. @param leafIndex of its opening, null while it is not open. */
export default function RecordPanels({ record, leafIndex }: { record: RecordSummary; leafIndex: bigint | null }) {
  return (
    <>
      <About record={record} />
      {record.isDamaged !== true && <Notes record={record} />}
      <Section title={t('records.whoCanOpen')}>
        <WhoCanOpen record={record} />
      </Section>
      {leafIndex !== null && <WhoOpened record={record} />}
      {record.isDamaged !== true && <Versions record={record} />}
      {leafIndex !== null && <Integrity record={record} leafIndex={leafIndex} />}
      <KeepHere record={record} />
      <Section title={t('records.details')}>
        <RecordFacts record={record} />
      </Section>
      <Remove record={record} />
    </>
  )
}

/** Of a note: what it is a note to. */
function About({ record }: { record: RecordSummary }) {
  const known = useKnown(useServices().records) ?? []
  const linked = (record.links ?? []).flatMap(({ recordId }) => known.find((one) => one.recordId === recordId) ?? [])
  if (linked.length === 0) return null
  return (
    <p className="mg-about">
      {t('recordPage.noteTo')}{' '}
      {linked.map((one) => (
        <Link key={one.recordId} to={{ name: 'record', recordId: one.recordId }}>
          <bdi>{one.title}</bdi>
        </Link>
      ))}
    </p>
  )
}
