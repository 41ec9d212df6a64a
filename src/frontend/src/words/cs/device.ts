import type { Cs } from '../cs.ts'

export const device: Pick<Cs, 'device'> = {
  device: {
    title: 'Toto zařízení',
    intro: 'Co MedGuard uchovává v tomto zařízení a jak ho tu mít jako aplikaci.',
    app: 'Aplikace',
    offlineStart: 'Spustí se bez připojení',
    offlineStartYes: 'ano',
    offlineStartNo: 'zatím ne',
    installed: 'Nainstalováno jako aplikace',
    installedYes: 'ano, právě v ní jste',
    installedNo: 'ne, toto je stránka v prohlížeči',
    install: 'Nainstalovat MedGuard',
    installHow:
      'Instaluje se z nabídky prohlížeče: „Nainstalovat aplikaci“ nebo „Přidat na plochu“. Na iPhonu a iPadu je to v nabídce Sdílet.',
    installLabel: 'Instalace MedGuardu',
    installOffer: 'Chcete mít MedGuard na ploše?',
    installText:
      'Otevírá se jako aplikace, spustí se bez připojení a jiné aplikace mu mohou posílat soubory. Vaše záznamy zůstávají zašifrované jako dosud.',
    notNow: 'Ne, děkuji',
    updateLabel: 'Aktualizace',
    newer: 'Je připravena novější verze MedGuardu.',
    replaced: 'MedGuard byl aktualizován na jiné kartě.',
    newerText: 'Načtěte stránku znovu, až se vám to bude hodit. Zůstanete přihlášeni.',
    unsaved: 'Něco, co píšete, není uloženo. Nejdřív to uložte nebo vymažte: novým načtením by se to ztratilo.',
    reload: 'Načíst znovu',
    later: 'Později',
    sharedIn_one: 'Soubor z jiné aplikace',
    sharedIn_few: '{{count}} soubory z jiné aplikace',
    sharedIn_many: '{{count}} souboru z jiné aplikace',
    sharedIn_other: '{{count}} souborů z jiné aplikace',
    sharedInText: 'Zatím není nic uloženo. Než to uložíte, podívejte se, zda je to, co jste chtěli přidat.',
    sharedLost: 'Soubor nedorazil',
    sharedLostText: 'Nic z něj nezůstalo uloženo. Sdílejte ho z druhé aplikace znovu, nebo soubor vyberte zde.',
    offline: 'Jste offline',
    offlineText:
      'MedGuard se spustil z tohoto zařízení. Vaše záznamy půjdou znovu otevřít, až bude připojení: klíče k nim se tu nikdy neukládají.',
    offlineSignIn: 'Jste offline. K přihlášení je potřeba připojení.',
  },
}
