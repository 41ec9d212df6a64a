import type { RecordSummary } from '@medguard/client'
import { IconCircleCheck, IconInfoCircle } from '@tabler/icons-react'
import { Link, Section } from '../../app/elements.tsx'
import { t } from '../../words/language.ts'
import { signatureText } from '../signature-text.ts'
import { CheckFile } from './CheckFile.tsx'

/** What was checked of the record that is shown, and what no check can say. Only shown once everything held. */
export function Integrity({ record, leafIndex }: { record: RecordSummary; leafIndex: bigint }) {
  const signature = signatureText(record.signature)
  const held = [
    t('recordPage.checkList'),
    t('recordPage.checkKey'),
    t(record.hasFiles === true ? 'recordPage.checkFiles' : 'recordPage.checkContent'),
    t('recordPage.checkLog', { entry: String(leafIndex) }),
  ]
  return (
    <Section title={t('recordPage.integrity')}>
      <div className="mg-card mg-pad mg-stack">
        <ul className="mg-integrity">
          {held.map((text) => (
            <li key={text}>
              <IconCircleCheck size={20} aria-hidden className="mg-good-text" />
              <span>{text}</span>
            </li>
          ))}
          <li>
            <IconInfoCircle size={20} aria-hidden className="mg-soft" />
            <span>
              {signature === null ? t('recordPage.checkUnsigned') : t('recordPage.checkSigned', { signature })}
            </span>
          </li>
          <li>
            <IconInfoCircle size={20} aria-hidden className="mg-soft" />
            <span>{t('recordPage.checkNot')}</span>
          </li>
        </ul>
        {record.hasFiles !== true && record.contentSha256 !== undefined && <CheckFile sha256={record.contentSha256} />}
        <Link to={{ name: 'help', area: 'patient', topic: 'integrity' }}>{t('recordPage.checkHelp')}</Link>
      </div>
    </Section>
  )
}
