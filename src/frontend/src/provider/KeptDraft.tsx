import { Button } from '@mantine/core'
import { IconNotes } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { CopyButton, Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { useSigns } from './use-signs.ts'

/** What somebody had typed and not sent when their access ended. It is theirs; nothing of the patient's is in it but what they typed. */
export function KeptDraft({ grantId }: { grantId: string }) {
  const { writing } = useServices()
  const signs = useSigns()
  const { drafts, drop } = useStore(writing.to(grantId, signs).form)
  const kept = Object.entries(drafts).map(([name, values]) => ({
    name,
    text: Object.values(values)
      .filter((value) => value.trim() !== '')
      .join('\n'),
  }))
  if (kept.every(({ text }) => text === '')) return null
  return (
    <Section title={t('portal.draft')}>
      <p className="mg-soft mg-typed-note">{t('portal.draftText')}</p>
      <div className="mg-stack">
        {kept.map(({ name, text }) => (
          <div key={name} className="mg-card mg-pad mg-stack">
            <IconNotes size={22} aria-hidden />
            <p className="mg-typed" dir="auto">
              {text}
            </p>
            <div className="mg-row">
              <CopyButton text={text} label={t('portal.copyDraft')} />
              <Button variant="default" onClick={() => drop(name)}>
                {t('portal.dropDraft')}
              </Button>
            </div>
          </div>
        ))}
      </div>
    </Section>
  )
}
