import type { Cs } from '../cs.ts'

export const homeTrends: Pick<Cs, 'homeTrends'> = {
  homeTrends: {
    all: 'Všechny trendy',
    show: 'Ukazovat na úvodní stránce',
    showOf: 'Ukazovat {{what}} na úvodní stránce',
    full: 'Na úvodní stránku se vejdou nejvýš {{max}}: nejdřív něco odeberte',
    looking: 'Zjišťujeme, co ukazuje úvodní stránka…',
    notKnown: 'Není známo, co jste pro úvodní stránku vybrali',
    saving: 'Ukládá se…',
    none: 'Vyberte hodnoty v části Trendy a budou tady.',
    go: 'Ukázat vybrané hodnoty',
    toRead_one: 'Otevře se k tomu váš profil a {{count}} záznam, což bude v záznamu přístupů.',
    toRead_few: 'Otevře se k tomu váš profil a {{count}} záznamy, což bude v záznamu přístupů.',
    toRead_many: 'Otevře se k tomu váš profil a {{count}} záznamu, což bude v záznamu přístupů.',
    toRead_other: 'Otevře se k tomu váš profil a {{count}} záznamů, což bude v záznamu přístupů.',
  },
}
