import { type RecordSummary, SHARE_RECORDS_MAX } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDownload, IconShare, IconTag, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../../app/context.ts'
import { t } from '../../words/language.ts'
import { TagDialog } from '../tags/TagDialog.tsx'
import { ExportDialog } from './ExportDialog.tsx'
import type { SelectionStore } from './selection.ts'
import './picking.css'

/** What can be done with the records that are picked. Escape ends it, as its last button does. */
export default function SelectionBar(props: {
  selection: SelectionStore
  records: readonly RecordSummary[]
  /** Those that the filters leave. */
  shown: readonly RecordSummary[]
  /** Puts the focus where it was before. */
  onEnd: () => void
}) {
  const { selection, records, shown, onEnd } = props
  const { ids, pick, clear } = useStore(selection)
  const { sharing } = useServices()
  const { go } = useRouter()
  const [open, setOpen] = useState<'export' | 'tags' | null>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // In a field it empties the field, in a dialog it closes the dialog.
      const isElsewhere =
        event.target instanceof Element && event.target.closest('dialog, [type=search], select') !== null
      if (event.key === 'Escape' && !isElsewhere) onEnd()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onEnd])
  const chosen = records.filter(({ recordId }) => ids.has(recordId))
  const sound = shown.filter(({ isDamaged }) => isDamaged !== true)
  const hidden = chosen.length - sound.filter(({ recordId }) => ids.has(recordId)).length
  const isAll = sound.every(({ recordId }) => ids.has(recordId))
  const isTooMany = chosen.length > SHARE_RECORDS_MAX
  const share = () => {
    sharing.form.getState().beginWith(chosen.map(({ recordId, version, title }) => ({ recordId, version, title })))
    sharing.sending.getState().reset()
    go({ name: 'share', step: 1 })
  }
  return (
    <section className="mg-picking" aria-label={t('picking.title')}>
      <div className="mg-picking-line">
        <output className="mg-picking-count">
          {t('picking.count', { count: chosen.length })}
          {hidden > 0 && ` · ${t('picking.hidden', { count: hidden })}`}
        </output>
        <button
          type="button"
          className="mg-picking-all"
          onClick={() => (isAll ? clear() : pick(sound.map(({ recordId }) => recordId)))}
        >
          {isAll ? t('picking.none') : t('picking.all', { count: sound.length })}
        </button>
        <button type="button" className="mg-icon-button" aria-label={t('picking.end')} onClick={onEnd}>
          <IconX size={20} aria-hidden />
        </button>
      </div>
      <div className="mg-picking-line">
        <Button
          disabled={chosen.length === 0 || isTooMany}
          onClick={share}
          leftSection={<IconShare size={18} aria-hidden />}
        >
          {t('picking.share')}
        </Button>
        <Button
          variant="default"
          disabled={chosen.length === 0}
          onClick={() => setOpen('export')}
          leftSection={<IconDownload size={18} aria-hidden />}
        >
          {t('picking.export')}
        </Button>
        <Button
          variant="default"
          disabled={chosen.length === 0}
          onClick={() => setOpen('tags')}
          leftSection={<IconTag size={18} aria-hidden />}
        >
          {t('picking.tag')}
        </Button>
      </div>
      {isTooMany && <p className="mg-small mg-soft">{t('share.full', { max: SHARE_RECORDS_MAX })}</p>}
      {open === 'export' && <ExportDialog records={chosen} onClose={() => setOpen(null)} />}
      {open === 'tags' && <TagDialog records={chosen} onClose={() => setOpen(null)} />}
    </section>
  )
}
