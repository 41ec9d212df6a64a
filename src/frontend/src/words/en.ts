import { general } from './en/general.ts'
import { home } from './en/home.ts'
import { inbox } from './en/inbox.ts'
import { entering } from './en/entering.ts'
import { people } from './en/people.ts'
import { names } from './en/names.ts'
import { records } from './en/records.ts'
import { glossary } from './en/glossary.ts'
import { picking } from './en/picking.ts'
import { recordPage } from './en/record-page.ts'
import { imports } from './en/imports.ts'
import { homeTrends } from './en/home-trends.ts'
import { ward } from './en/ward.ts'
import { viewers } from './en/viewers.ts'
import { vault } from './en/vault.ts'
import { device } from './en/device.ts'
import { alerts } from './en/alerts.ts'
import { devices } from './en/devices.ts'
import { bluetooth } from './en/bluetooth.ts'
import { readingsFile } from './en/readings-file.ts'
import { keeping } from './en/keeping.ts'
import { forms } from './en/forms.ts'
import { codes } from './en/codes.ts'
import { sharing } from './en/sharing.ts'
import { shareChange } from './en/share-change.ts'
import { links } from './en/links.ts'
import { checks } from './en/checks.ts'
import { requests } from './en/requests.ts'
import { provider } from './en/provider.ts'
import { board } from './en/board.ts'
import { portal } from './en/portal.ts'
import { paper } from './en/paper.ts'
import { writeBack } from './en/write-back.ts'
import { report } from './en/report.ts'
import { log } from './en/log.ts'
import { organisations } from './en/organisations.ts'
import { notices } from './en/notices.ts'
import { code } from './en/code.ts'

/**
 * Every text of the page in English, by area and name. The other languages have the same texts: a text that is missing there fails the type
 * check. How to write them: README.md.
 */
export const en = {
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
} as const
