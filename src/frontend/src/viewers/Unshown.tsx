import { IconFileUnknown } from '@tabler/icons-react'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import type { Unreadable } from './dicom/dicom-types.ts'

/** Why something is not shown, where its picture would be. Saving it to disk stays possible beside it. */
export type WhyUnshown = Unreadable | 'password' | 'noDecoder'

const WORDS: Readonly<Record<WhyUnshown, SimpleKey>> = {
  notDicom: 'viewers.notDicom',
  noPicture: 'viewers.noPicture',
  unsupported: 'viewers.unsupported',
  tooLarge: 'viewers.tooLarge',
  damaged: 'viewers.damaged',
  tooSlow: 'viewers.tooSlow',
  password: 'viewers.password',
  noDecoder: 'viewers.noDecoder',
}

export function Unshown({ why, detail = '' }: { why: WhyUnshown; detail?: string }) {
  return (
    <output className="mg-unshown">
      <IconFileUnknown size={28} stroke={1.4} aria-hidden />
      <span>
        {t(WORDS[why])} {detail !== '' && <bdi>[{detail}]</bdi>}
      </span>
      <span className="mg-soft">{t('viewers.saveInstead')}</span>
    </output>
  )
}
