import type { Cs } from '../cs.ts'

export const inbox: Pick<Cs, 'inbox'> = {
  inbox: {
    title: 'Doručené',
    intro: 'Co vám poslali jiní a vy jste to ještě nepřijali. Nikdo jiný to nevidí a v žádném sdílení to není.',
    looking: 'Dívám se do doručených… {{step}}',
    notShown: 'Doručené nejsou zobrazeny',
    none: 'Nic tu nečeká',
    noneText:
      'Komu dovolíte posílat vám záznamy, třeba laboratoři, ten je posílá nejdřív sem. Co se stane vaším záznamem, rozhodnete vy.',
    list: 'Co na vás čeká',
    sentBy: 'Poslal',
    look: 'Podívat se',
    lookAt: 'Podívat se na „{{title}}“',
    into: 'Přijmout jako',
    intoHint: 'Od té chvíle to uvidí každý, s kým tento druh záznamů sdílíte.',
    chooseKind: 'Vyberte, jaký druh záznamu to je.',
    take: 'Přijmout',
    filed: 'Teď je to mezi vašimi záznamy, v části {{kind}}',
    delete: 'Smazat',
    deleteIt: 'Smazat „{{title}}“',
    deleteAsk: 'Smazat „{{title}}“?',
    deleteText: 'Smaže se to natrvalo. Odesílatel se to nedozví.',
    deleted: 'Smazáno',
    notDone: 'Nic se nezměnilo',
  },
}
