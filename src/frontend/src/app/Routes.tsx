import { unreachable } from './unreachable.ts'
import { HomePage } from '../home/HomePage.tsx'
import { AddPage } from '../records/AddPage.tsx'
import { RecordPage } from '../records/RecordPage.tsx'
import { RecordsPage } from '../records/RecordsPage.tsx'
import { t } from '../words/language.ts'
import { useRouter } from './context.ts'
import { EmptyState, Link, Page } from './elements.tsx'
import { lazyPage } from './lazy-page.tsx'
import { pageKeyOf } from './page-key.ts'
import { HOME, type Route } from './routes.ts'
import { IconMapQuestion } from '@tabler/icons-react'

const AccessLogPage = lazyPage(async () => (await import('../access-log/AccessLogPage.tsx')).AccessLogPage)
const HelpPage = lazyPage(async () => (await import('../settings/HelpPage.tsx')).HelpPage)
const MorePage = lazyPage(async () => (await import('../settings/MorePage.tsx')).MorePage)
const SettingsPage = lazyPage(async () => (await import('../settings/SettingsPage.tsx')).SettingsPage)
const SharePage = lazyPage(async () => (await import('../sharing/SharePage.tsx')).SharePage)
const SharingPage = lazyPage(async () => (await import('../sharing/SharingPage.tsx')).SharingPage)
const ActivityPage = lazyPage(async () => (await import('../provider/ActivityPage.tsx')).ActivityPage)
const AskPage = lazyPage(async () => (await import('../provider/AskPage.tsx')).AskPage)
const BoardPage = lazyPage(async () => (await import('../care-team/BoardPage.tsx')).BoardPage)
const PatientPage = lazyPage(async () => (await import('../provider/PatientPage.tsx')).PatientPage)
const PatientsPage = lazyPage(async () => (await import('../provider/PatientsPage.tsx')).PatientsPage)
const DevicePage = lazyPage(async () => (await import('../offline/DevicePage.tsx')).DevicePage)
const OneSharePage = lazyPage(async () => (await import('../sharing/OneSharePage.tsx')).OneSharePage)
const ChangeSharePage = lazyPage(async () => (await import('../sharing/ChangeSharePage.tsx')).ChangeSharePage)
const NewLinkPage = lazyPage(async () => (await import('../links/NewLinkPage.tsx')).NewLinkPage)
export const LinkPage = lazyPage(async () => (await import('../links/LinkPage.tsx')).LinkPage)
const DevicesPage = lazyPage(async () => (await import('../devices/DevicesPage.tsx')).DevicesPage)
const RequestsPage = lazyPage(async () => (await import('../requests/RequestsPage.tsx')).RequestsPage)
const RequestPage = lazyPage(async () => (await import('../requests/RequestPage.tsx')).RequestPage)
const RulesPage = lazyPage(async () => (await import('../rules/RulesPage.tsx')).RulesPage)
const VaultPage = lazyPage(async () => (await import('../vault/VaultPage.tsx')).VaultPage)
const RecoveryPage = lazyPage(async () => (await import('../recovery/RecoveryPage.tsx')).RecoveryPage)
const PeoplePage = lazyPage(async () => (await import('../people/PeoplePage.tsx')).PeoplePage)
const LostPage = lazyPage(async () => (await import('../recovery/LostPage.tsx')).LostPage)
const WelcomePage = lazyPage(async () => (await import('../sign-in/WelcomePage.tsx')).WelcomePage)
const ProfilePage = lazyPage(async () => (await import('../profile/ProfilePage.tsx')).ProfilePage)
const PrivacyPage = lazyPage(async () => (await import('../privacy/PrivacyPage.tsx')).PrivacyPage)
const InboxPage = lazyPage(async () => (await import('../inbox/InboxPage.tsx')).InboxPage)
const NoticesPage = lazyPage(async () => (await import('../notices/NoticesPage.tsx')).NoticesPage)
const PreferencesPage = lazyPage(async () => (await import('../settings/PreferencesPage.tsx')).PreferencesPage)
const TrendsPage = lazyPage(async () => (await import('../trends/TrendsPage.tsx')).TrendsPage)
const PaperPage = lazyPage(async () => (await import('../paper/PaperPage.tsx')).PaperPage)
const ReportPage = lazyPage(async () => (await import('../report/ReportPage.tsx')).ReportPage)
const ImportPage = lazyPage(async () => (await import('../imports/ImportPage.tsx')).ImportPage)
const GuidedPage = lazyPage(async () => (await import('../forms/GuidedPage.tsx')).GuidedPage)
const PanelPage = lazyPage(async () => (await import('../forms/PanelPage.tsx')).PanelPage)
const CorrectPage = lazyPage(async () => (await import('../forms/CorrectPage.tsx')).CorrectPage)
const CouncilPage = lazyPage(async () => (await import('../organisations/CouncilPage.tsx')).CouncilPage)
const OrganisationPage = lazyPage(async () => (await import('../organisations/OrganisationPage.tsx')).OrganisationPage)
const OrganisationsPage = lazyPage(
  async () => (await import('../organisations/OrganisationsPage.tsx')).OrganisationsPage,
)

export function Routes() {
  const { route } = useRouter()
  // All addresses of one grant are one page: its guard keeps watching while records are opened and closed.
  const key = 'grantId' in route ? `patient ${route.grantId}` : pageKeyOf(route)
  return <RouteOf key={key} route={route} />
}

function RouteOf({ route }: { route: Route }) {
  switch (route.name) {
    case 'home':
      return <HomePage />
    case 'records':
      return <RecordsPage show={route.show} {...(route.filter !== undefined && { filter: route.filter })} />
    case 'record':
      return <RecordPage recordId={route.recordId} />
    case 'add':
      return <AddPage as={route.as} />
    case 'guided':
      return <GuidedPage kind={route.kind} />
    case 'panel':
      return <PanelPage />
    case 'trends':
      return <TrendsPage />
    case 'import':
      return <ImportPage />
    case 'report':
      return <ReportPage />
    case 'paper':
      return <PaperPage />
    case 'correct':
      return <CorrectPage recordId={route.recordId} />
    case 'sharing':
      return <SharingPage tab={route.tab} />
    case 'share':
      return <SharePage step={route.step} />
    case 'oneShare':
      return <OneSharePage key={route.shareId} shareId={route.shareId} />
    case 'changeShare':
      return <ChangeSharePage key={route.shareId} shareId={route.shareId} />
    case 'newLink':
      return <NewLinkPage />
    case 'link':
      return <LinkPage />
    case 'requests':
      return <RequestsPage />
    case 'request':
      return <RequestPage askId={route.askId} />
    case 'rules':
      return <RulesPage />
    case 'log':
      return <AccessLogPage who={route.who} />
    case 'vault':
      return <VaultPage />
    case 'recovery':
      return <RecoveryPage />
    case 'people':
      return <PeoplePage />
    case 'lost':
      return <LostPage />
    case 'welcome':
      return <WelcomePage step={route.step} />
    case 'profile':
      return <ProfilePage />
    case 'devices':
      return <DevicesPage at={route.at} {...(route.day !== undefined && { day: route.day })} />
    case 'inbox':
      return <InboxPage />
    case 'notices':
      return <NoticesPage />
    case 'preferences':
      return <PreferencesPage />
    case 'patients':
      return <PatientsPage tab={route.tab} />
    case 'ask':
      return <AskPage />
    case 'board':
      return <BoardPage />
    case 'patient':
      return <PatientPage grantId={route.grantId} view={{ name: 'all', show: route.show }} />
    case 'patientRecord':
      return <PatientPage grantId={route.grantId} view={{ name: 'record', recordId: route.recordId }} />
    case 'patientResults':
      return <PatientPage grantId={route.grantId} view={{ name: 'results' }} />
    case 'patientAdd':
      return <PatientPage grantId={route.grantId} view={{ name: 'add', kind: route.kind }} />
    case 'patientCorrect':
      return <PatientPage grantId={route.grantId} view={{ name: 'correct', recordId: route.recordId }} />
    case 'activity':
      return <ActivityPage />
    case 'organisations':
      return <OrganisationsPage />
    case 'organisation':
      return <OrganisationPage orgId={route.orgId} tab={route.tab} />
    case 'council':
      return <CouncilPage />
    case 'more':
      return <MorePage area={route.area} />
    case 'settings':
      return <SettingsPage area={route.area} />
    case 'device':
      return <DevicePage area={route.area} />
    case 'help':
      return <HelpPage area={route.area} topic={route.topic} />
    case 'privacy':
      return <PrivacyPage />
    case 'notFound':
      return (
        <Page title={t('page.notFound')}>
          <EmptyState
            icon={<IconMapQuestion size={28} />}
            title={t('page.notFoundText')}
            actions={<Link to={HOME}>{t('page.toStart')}</Link>}
          />
        </Page>
      )
    default:
      return unreachable(route)
  }
}
