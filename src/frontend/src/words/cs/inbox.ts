import type { Cs } from '../cs.ts'

export const inbox: Pick<Cs, 'inbox' | 'inboxShare'> = {
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
  inboxShare: {
    let: 'Dovolit někomu, aby vám posílal záznamy',
    option: 'Nic: smí mi záznamy posílat',
    optionHint: 'Nevidí nic vašeho. Co pošle, čeká ve vašich doručených a vy rozhodnete, co s tím bude.',
    sentence:
      'Osoba s kódem {{code}} může do {{until}} posílat záznamy do vašich doručených, {{purpose}}. Nevidí nic vašeho.',
    sentenceOrg:
      'V organizaci {{name}} může každý, kdo v ní má roli {{roles}}, do {{until}} posílat záznamy do vašich doručených, {{purpose}}. Nevidí nic vašeho.',
    stays:
      'Co pošle, je ve vašich doručených, dokud to nepřijmete nebo nesmažete. Další posílání můžete kdykoli ukončit.',
    go: 'Dovolit posílání',
    doneAt: 'Dovoleno {{at}}',
    doneText:
      '{{name}} může posílat záznamy do vašich doručených do {{until}} a nevidí nic vašeho. Ukončit to můžete kdykoli v části <sharing>Sdílení</sharing>.',
    may: 'Smí vám posílat záznamy, nevidí nic',
    who: 'Kdo vám smí posílat záznamy',
    notShown: 'Kdo vám smí posílat záznamy, není zobrazeno',
    stopText: 'Od chvíle, kdy to síť potvrdí, vám už nic poslat nemůže.',
    stopSent: 'Co poslal dřív, zůstane ve vašich doručených, dokud to nepřijmete nebo nesmažete.',
    toTheirs: 'Smíte posílat záznamy, nevidíte žádné',
    sendRow: 'Poslat záznamy: {{name}}, do {{until}}',
    youMay: 'Této osobě smíte posílat záznamy do doručených.',
    send: 'Poslat záznam',
    sendIntro: 'Přijde pacientovi do doručených, zapečetěný jen pro něj. Co s ním bude, rozhodne on.',
    sendOnly: 'Smíte sem posílat záznamy a nevidíte žádné',
    sendOnlyText: 'Co pošlete, je zapečetěné pro pacienta, který se na to nejdřív podívá. Vy sami to už neotevřete.',
    sentText: '„{{title}}“ je v doručených pacienta. Jeho záznamem se stane, až to přijme.',
  },
}
