import type { Share } from '@medguard/client'
import { IconFilePlus } from '@tabler/icons-react'
import { useServices } from '../app/context.ts'
import { EmptyState, Link } from '../app/elements.tsx'
import { t } from '../words/language.ts'

/** Why nothing can be added under a share, and what to do about it. */
export function CannotAdd({ share }: { share: Share }) {
  const { asking } = useServices()
  // What is added is sealed for a kind as a whole; records that were picked have no place of their own that others may write to.
  const isPicked = share.scope.includes('shared')
  return (
    <EmptyState
      icon={<IconFilePlus size={28} />}
      title={t(isPicked ? 'writeBack.pickedOnly' : 'portal.readOnly')}
      actions={
        <Link
          to={{ name: 'ask' }}
          className="mg-button-link"
          onGo={() => asking.form.getState().edit({ code: share.patient, parts: ['add'] })}
        >
          {t('writeBack.askToAdd')}
        </Link>
      }
    >
      <p>{t(isPicked ? 'writeBack.pickedOnlyText' : 'writeBack.readOnlyText')}</p>
    </EmptyState>
  )
}
