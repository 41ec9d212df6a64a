import { general } from './cs/general.ts'
import { home } from './cs/home.ts'
import { inbox } from './cs/inbox.ts'
import { entering } from './cs/entering.ts'
import { people } from './cs/people.ts'
import { names } from './cs/names.ts'
import { records } from './cs/records.ts'
import { glossary } from './cs/glossary.ts'
import { picking } from './cs/picking.ts'
import { recordPage } from './cs/record-page.ts'
import { imports } from './cs/imports.ts'
import { homeTrends } from './cs/home-trends.ts'
import { ward } from './cs/ward.ts'
import { viewers } from './cs/viewers.ts'
import { vault } from './cs/vault.ts'
import { device } from './cs/device.ts'
import { alerts } from './cs/alerts.ts'
import { devices } from './cs/devices.ts'
import { bluetooth } from './cs/bluetooth.ts'
import { readingsFile } from './cs/readings-file.ts'
import { keeping } from './cs/keeping.ts'
import { forms } from './cs/forms.ts'
import { codes } from './cs/codes.ts'
import { sharing } from './cs/sharing.ts'
import { shareChange } from './cs/share-change.ts'
import { links } from './cs/links.ts'
import { checks } from './cs/checks.ts'
import { requests } from './cs/requests.ts'
import { provider } from './cs/provider.ts'
import { board } from './cs/board.ts'
import { portal } from './cs/portal.ts'
import { paper } from './cs/paper.ts'
import { writeBack } from './cs/write-back.ts'
import { report } from './cs/report.ts'
import { log } from './cs/log.ts'
import { organisations } from './cs/organisations.ts'
import { notices } from './cs/notices.ts'
import { code } from './cs/code.ts'
import type { Translation } from './texts.ts'

export type Cs = Translation<'one' | 'few' | 'many' | 'other'>

/** Every text of the page in Czech. */
export const cs: Cs = {
  ...general,
  ...home,
  ...inbox,
  ...entering,
  ...people,
  ...names,
  ...records,
  ...glossary,
  ...picking,
  ...recordPage,
  ...imports,
  ...homeTrends,
  ...ward,
  ...viewers,
  ...vault,
  ...device,
  ...alerts,
  ...devices,
  ...bluetooth,
  ...readingsFile,
  ...keeping,
  ...forms,
  ...codes,
  ...sharing,
  ...shareChange,
  ...links,
  ...checks,
  ...requests,
  ...provider,
  ...board,
  ...portal,
  ...paper,
  ...writeBack,
  ...report,
  ...log,
  ...organisations,
  ...notices,
  ...code,
}
