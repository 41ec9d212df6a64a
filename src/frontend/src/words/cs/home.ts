import type { Cs } from '../cs.ts'

export const home: Pick<Cs, 'settings' | 'home' | 'help'> = {
  settings: {
    title: 'Kód a nastavení',
    code: 'Můj kód pro sdílení',
    codeText:
      'Tento kód dejte lidem, kteří s vámi chtějí sdílet záznamy. Sám o sobě nic neotevírá. <help>Co je kód pro sdílení</help>',
    copyCode: 'Zkopírovat můj kód pro sdílení',
    session: 'Toto přihlášení',
    since: 'Zdravotní dokumentace od',
    until: 'Přihlášení do',
    locks: 'Samo se zamkne',
    locksAfter: 'za {{time}} bez dotyku',
    locksAfterBoth: 'za {{time}} bez dotyku, v pohledu zdravotníka za {{provider}}',
    otherAccount:
      'Chcete-li použít jiný účet, odhlaste se a přihlaste se tím druhým. Na tomto zařízení nezůstane nic čitelného.',
    about: 'O aplikaci',
    version: 'Verze',
    noVersion: 'sestavení ji neuvádí',
    network: 'Síť',
    development: 'vývojová síť na tomto počítači, jen pro smyšlené údaje',
  },
  home: {
    title: 'Domů',
    share: 'Sdílet',
    whoSees: 'Kdo vidí vaše záznamy',
    allShares: 'Všechna sdílení',
    start: 'Začněte tady',
    newest: 'Nejnovější záznamy',
    takingOver: 'Někdo přebírá tento účet',
    takingOverStop: 'Tohle není ode mě: zastavit',
    takingOverText:
      'Byla zahájena obnova přístupu pro přihlášení {{code}}. Pokud ji nezastavíte, to přihlášení získá vaše záznamy {{at}} a toto je už neotevře.',
    notStopped: 'Nezastaveno',
    unfinished_one: 'Jedno sdílení nebylo dokončeno',
    unfinished_few: '{{count}} sdílení nebyla dokončena',
    unfinished_many: '{{count}} sdílení nebylo dokončeno',
    unfinished_other: '{{count}} sdílení nebylo dokončeno',
    unfinishedGo: 'Dokončit nebo vzít zpět',
    unfinishedText: 'Nikdo tak zatím nemůže nic otevřít.',
    nobody: '<b>Nikdo kromě vás.</b> S nikým nic nesdílíte.',
    nobodyNow: '<b>Nikdo kromě vás.</b> Vaše sdílení jsou pozastavena.',
    firstRecord: 'Přidejte první záznam',
    firstRecordText: 'Zprávu, výsledek nebo fotku receptu.',
    firstNote: 'Napište poznámku',
    firstNoteText: 'Alergii, potíže, otázku na příští návštěvu.',
    firstImport: 'Převzít, co vám dala klinika',
    firstImportText: 'Složka, disk nebo soubor s vašimi zdravotními údaji.',
    firstDevice: 'Připojit přístroj',
    firstDeviceText: 'Váhu, tlakoměr nebo senzor, nebo to, co nasbíral telefon.',
    firstCode: 'Získejte svůj kód pro sdílení',
    firstCodeText: 'Dejte ho lidem, kteří s vámi chtějí sdílet.',
  },
  help: {
    title: 'Nápověda',
    intro: 'Co MedGuard slibuje a co to znamená.',
    encryption: 'Kdo může číst mé záznamy?',
    encryption1:
      'Vy a lidé, se kterými sdílíte, a to do konce sdílení. Vaše zařízení zašifruje každý záznam, jeho název i datum ještě před odesláním. Co je uloženo, nemohou ti, kdo to ukládají, přečíst.',
    encryption2:
      'Každý záznam má vlastní klíč. Když ho chcete otevřít, vaše zařízení požádá síť. Její počítače se musí shodnout, než vydají, co je potřeba, a udělají to jen pro vás nebo v rámci sdílení, které jste dali. Žádný z nich by to nedokázal sám.',
    codes: 'Co je kód pro sdílení?',
    codes1:
      'Dlouhé jméno jednoho přihlášení do MedGuardu. Není tajný: kdo zná ten váš, může s vámi sdílet a nic jiného. Najdete ho v části „Kód a nastavení“.',
    codes2:
      'O kódu MedGuard ví jen to, co o něm říkají ověřené organizace. Získejte ho proto přímo od dané osoby, na místě nebo cestou, které věříte. Dva kódy mohou mít stejné konce a lišit se uprostřed: místo porovnávání několika písmen zkopírujte celý. Kód má vlastní kontrolu překlepů.',
    stopping: 'Co se stane, když sdílení ukončím?',
    stopping1:
      'Od chvíle, kdy to síť potvrdí, se té osobě už nic neotevře a stránka, kterou má otevřenou, během několika vteřin zmizí. Dokud to není potvrzeno, přístup trvá a stránka to říká.',
    stopping2:
      'Co kdo viděl, to viděl. Mohl si to uložit, vytisknout nebo zapamatovat a žádná technika to nevezme zpět. V záznamu přístupů je, co otevřel, abyste to věděli.',
    log: 'Jak funguje záznam přístupů?',
    log1: 'Než se záznam komukoli otevře, i vám, vznikne zápis. Bez zápisu se nic neotevře. Každý zápis nese otisk celého předchozího záznamu přístupů a ten nejnovější podepisuje síť.',
    log2: 'Kdykoli se do záznamu podíváte, tato stránka otisky a podpisy sama zkontroluje. Chybějící, změněný nebo vložený zápis nesedí a stránka to řekne, místo aby záznam ukázala jako úplný. Také si pamatuje, co viděla naposledy, takže jí nikdo nemůže podstrčit starší stav.',
    integrity: 'Co znamená „odpovídá tomu, co bylo uloženo“?',
    integrity1:
      'Když se záznam uloží, jeho otisk se zapíše do záznamu přístupů. Když se otevře, tato stránka spočítá otisk toho, co dostala, a oba porovná. Shodují se, jen když se neliší ani jediný bit. Když se liší, z obsahu se nezobrazí nic: místo toho uvidíte červené upozornění. Říká to, že se záznam od uložení nezměnil. Neříká to, že jeho autor měl pravdu.',
    signIn: 'Jak se přihlásím a co když ztratím telefon?',
    signIn1:
      'Přihlašujete se přes Internet Identity: vaše zařízení potvrdí otiskem prstu, obličejem nebo svým PINem, že jste to vy. Není žádné heslo, které by mohlo uniknout. Brzy si tam přidejte druhé zařízení nebo způsob obnovy. Bez jednoho z nich vás nikdo, ani MedGuard, nemůže pustit dovnitř, a bez přístupu už záznamy nejde otevřít.',
  },
}
