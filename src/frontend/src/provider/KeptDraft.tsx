import { Button } from '@mantine/core'
import { IconNotes } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { CopyButton, Section } from '../app/elements.tsx'
import { nameOfPicked } from '../records/picked-files.ts'
import { t } from '../words/language.ts'
import { useSigns } from './use-signs.ts'

/** What somebody had typed and not sent when their access ended. It is theirs; nothing of the patient's is in it but what they typed. */
export function KeptDraft({ grantId }: { grantId: string }) {
  const { writing } = useServices()
  const { forms, files } = writing.to(grantId, useSigns())
  const { drafts, drop } = useStore(forms.form)
  const { draft: file, clear } = useStore(files.form)
  const kept = [
    ...Object.entries(drafts).map(([name, values]) => ({ name, lines: Object.values(values), drop: () => drop(name) })),
    { name: 'file', lines: [file.title, nameOfPicked(file.files)], drop: clear },
  ]
    .map(({ lines, ...of }) => ({ ...of, text: lines.filter((line) => line.trim() !== '').join('\n') }))
    .filter(({ text }) => text !== '')
  if (kept.length === 0) return null
  return (
    <Section title={t('portal.draft')}>
      <p className="mg-soft mg-typed-note">{t('portal.draftText')}</p>
      <div className="mg-stack">
        {kept.map(({ name, text, drop: dropIt }) => (
          <div key={name} className="mg-card mg-pad mg-stack">
            <IconNotes size={22} aria-hidden />
            <p className="mg-typed" dir="auto">
              {text}
            </p>
            <div className="mg-row">
              <CopyButton text={text} label={t('portal.copyDraft')} />
              <Button variant="default" onClick={dropIt}>
                {t('portal.dropDraft')}
              </Button>
            </div>
          </div>
        ))}
      </div>
    </Section>
  )
}
