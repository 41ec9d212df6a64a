import { IconBuildingHospital } from '@tabler/icons-react'
import { useState } from 'react'
import { LogBody } from '../access-log/LogBody.tsx'
import { useFresh, useLoadable, useServices } from '../app/context.ts'
import { EmptyState, ListSkeleton, Page, ProblemNotice, TabLinks } from '../app/elements.tsx'
import type { OrganisationTab } from '../app/routes.ts'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { Invitations } from './Invitations.tsx'
import { Members } from './Members.tsx'
import { createOrganisationStores, type OrganisationStores } from './organisation-stores.ts'
import { OrganisationFacts } from './OrganisationFacts.tsx'
import '../sharing/sharing.css'
import './organisations.css'

/** One organisation: what it is, and for its administrators who works there, whom they invited and what was done through it. */
export function OrganisationPage({ orgId, tab }: { orgId: string; tab: OrganisationTab }) {
  const { client, organisations } = useServices()
  const [stores] = useState(() => createOrganisationStores(client, orgId, organisations.reload))
  const about = useLoadable(stores.about)
  const back = { to: { name: 'organisations' as const }, label: t('organisations.title') }
  switch (about.status) {
    case 'loading':
      return (
        <Page title={t('organisations.one')} back={back}>
          <ListSkeleton label={t('organisations.lookingOne')} rows={3} />
        </Page>
      )
    case 'failed':
      return (
        <Page title={t('organisations.one')} back={back}>
          {about.problem.kind === 'refused' && about.problem.refusal.kind === 'NotPermitted' ? (
            <EmptyState icon={<IconBuildingHospital size={28} />} title={t('organisations.oneNotThere')}>
              <p>{t('organisations.oneNotThereText')}</p>
            </EmptyState>
          ) : (
            <ProblemNotice problem={about.problem} what={t('organisations.oneNotShown')} onRetry={about.load} />
          )}
        </Page>
      )
    case 'ready': {
      const { organisation, member } = about.value
      const administers = member?.status === 'active' && member.roles.includes('administrator')
      return (
        <Page title={organisation.name} historyTitle={t('organisations.one')} back={back}>
          {administers && (
            <TabLinks
              label={t('organisations.one')}
              tabs={(['about', 'members', 'invitations', 'log'] as const).map((each) => ({
                to: { name: 'organisation', orgId, tab: each },
                label: t(`organisations.tab_${each}`),
                current: tab === each,
              }))}
            />
          )}
          {!administers || tab === 'about' ? (
            <OrganisationFacts organisation={organisation} member={member} />
          ) : (
            <AdministratorTab tab={tab} stores={stores} />
          )}
        </Page>
      )
    }
    default:
      return unreachable(about)
  }
}

function AdministratorTab({ tab, stores }: { tab: Exclude<OrganisationTab, 'about'>; stores: OrganisationStores }) {
  switch (tab) {
    case 'members':
      return <Members stores={stores} />
    case 'invitations':
      return <Invitations stores={stores} />
    case 'log':
      return <Accesses stores={stores} />
    default:
      return unreachable(tab)
  }
}

/** What its members did through it, as the log has it: checked here, complete, and nothing of what patients do elsewhere. */
function Accesses({ stores }: { stores: OrganisationStores }) {
  const log = useFresh(stores.log)
  return (
    <>
      <p className="mg-intro mg-org-intro">{t('organisations.logIntro')}</p>
      <LogBody log={log} who="everyone" filters={null} isActivity />
    </>
  )
}
