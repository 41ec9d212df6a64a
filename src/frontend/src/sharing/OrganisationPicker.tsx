import { TextInput } from '@mantine/core'
import { IconBuildingHospital, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { CheckChoice } from '../app/Choice.tsx'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { standingText } from '../organisations/organisation-words.ts'
import { t } from '../words/language.ts'
import { foundByName } from './organisation-search.ts'
import { isForOrganisation, ROLES_OFFERED, type ShareDraft } from './share-draft.ts'

/** Verified organisations by their name, in place of a code; and whom there. */
export function OrganisationPicker(props: {
  draft: ShareDraft
  errorRoles: string | undefined
  onChange: (change: Partial<ShareDraft>) => void
}) {
  const { draft, onChange } = props
  const directory = useLoadable(useServices().directory)
  const [search, setSearch] = useState('')
  const nowMs = useNow()
  const found = directory.status === 'ready' ? foundByName(directory.value, search) : []
  return (
    <>
      <TextInput
        type="search"
        label={t('shareOrg.find')}
        description={t('shareOrg.findHint')}
        value={search}
        autoComplete="off"
        leftSection={<IconSearch size={18} aria-hidden />}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {directory.status === 'failed' && search !== '' && (
        <ProblemNotice problem={directory.problem} what={t('shareOrg.notShown')} onRetry={directory.load} />
      )}
      <output className="mg-block mg-soft mg-small">
        {search !== '' && directory.status === 'loading' && t('shareOrg.looking')}
        {search !== '' && directory.status === 'ready' && found.length === 0 && t('shareOrg.none')}
      </output>
      {found.length > 0 && (
        <ul className="mg-found-orgs" aria-label={t('shareOrg.found')}>
          {found.map((organisation) => (
            <li key={organisation.orgId}>
              <button
                type="button"
                className="mg-card mg-found-org"
                onClick={() => {
                  setSearch('')
                  onChange({ code: organisation.principal, roles: [] })
                }}
              >
                <IconBuildingHospital size={22} aria-hidden />
                <span className="mg-break">
                  <strong>
                    <bdi>{organisation.name}</bdi>
                  </strong>
                  <span className="mg-block mg-soft mg-small">
                    {t(`orgKinds.${organisation.kind}`)} · {standingText(organisation, nowMs)}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {isForOrganisation(draft.code) && (
        <CheckChoice
          id="share-roles"
          legend={t('shareOrg.whom')}
          name="roles"
          error={props.errorRoles}
          on={draft.roles}
          options={ROLES_OFFERED.map((value) => ({ value, label: t(`roles.${value}`) }))}
          onChange={(roles) => onChange({ roles })}
        />
      )}
    </>
  )
}
