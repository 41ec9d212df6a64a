import { general } from './ar/general.ts'
import { home } from './ar/home.ts'
import { inbox } from './ar/inbox.ts'
import { entering } from './ar/entering.ts'
import { people } from './ar/people.ts'
import { names } from './ar/names.ts'
import { records } from './ar/records.ts'
import { glossary } from './ar/glossary.ts'
import { picking } from './ar/picking.ts'
import { recordPage } from './ar/record-page.ts'
import { imports } from './ar/imports.ts'
import { homeTrends } from './ar/home-trends.ts'
import { ward } from './ar/ward.ts'
import { viewers } from './ar/viewers.ts'
import { vault } from './ar/vault.ts'
import { device } from './ar/device.ts'
import { alerts } from './ar/alerts.ts'
import { devices } from './ar/devices.ts'
import { bluetooth } from './ar/bluetooth.ts'
import { readingsFile } from './ar/readings-file.ts'
import { keeping } from './ar/keeping.ts'
import { forms } from './ar/forms.ts'
import { codes } from './ar/codes.ts'
import { sharing } from './ar/sharing.ts'
import { shareChange } from './ar/share-change.ts'
import { links } from './ar/links.ts'
import { checks } from './ar/checks.ts'
import { requests } from './ar/requests.ts'
import { provider } from './ar/provider.ts'
import { board } from './ar/board.ts'
import { portal } from './ar/portal.ts'
import { paper } from './ar/paper.ts'
import { writeBack } from './ar/write-back.ts'
import { report } from './ar/report.ts'
import { log } from './ar/log.ts'
import { organisations } from './ar/organisations.ts'
import { notices } from './ar/notices.ts'
import { code } from './ar/code.ts'
import type { Translation } from './texts.ts'

export type Ar = Translation<'zero' | 'one' | 'two' | 'few' | 'many' | 'other'>

/** Every text of the page in Arabic. */
export const ar: Ar = {
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
