import type { Cs } from '../cs.ts'

export const recordPage: Pick<Cs, 'recordPage'> = {
  recordPage: {
    stoppedHalf: 'Už se nic neotevře. Druhá polovina sítě to zatím nepotvrdila, zkouší se znovu…',
    moreKinds: 'Toto sdílení zahrnuje víc než tento záznam: vše z tohoto: {{kinds}}. Skončí celé.',
    moreRecords: 'Záznamy vybrané jednotlivě končí společně: skončí i ostatní v tomto sdílení.',
    moreOrganisation: 'Skončí pro všechny, kdo tam pracují.',
  },
}
