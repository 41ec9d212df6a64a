import type { Cs } from '../cs.ts'

export const writeBack: Pick<Cs, 'writeBack' | 'strip' | 'worklist'> = {
  writeBack: {
    file: 'Soubor',
    fileHint: 'PDF, fotografie, snímky z vyšetření jako složka (DICOM) nebo jakýkoli jiný soubor',
    drop: 'Přetáhněte sem soubor, nebo ho vyberte. Ze složky snímků bude jeden záznam.',
    goesOn:
      'Zašifruje se tady, než se odešle. Pokud se při odesílání velkého souboru přeruší spojení, odešlete ho znovu: co už dorazilo, se podruhé neposílá.',
    beginsAnew:
      'Zašifruje se tady, než se odešle, pro ty, kdo ho smějí číst. Vy mezi nimi nejste: potom už ho neotevřete, a pokud se přeruší spojení, posílá se znovu od začátku.',
    kept: 'Co jste vybrali a napsali, zůstává v této kartě, dokud to neodešlete, i když se díváte jinam. Zamknutí nebo nové načtení stránky to zapomene.',
    sentSealed:
      '„{{title}}“ je v pacientových záznamech. Otevřít to nemůžete: toto sdílení vám dovoluje záznamy přidávat, ale žádné otevírat.',
    readOnlyText:
      'Sdílení vám dovoluje záznamy otevírat, ale žádné přidávat. Požádejte o právo přidávat: rozhodne pacient a uvidí, k čemu.',
    pickedOnly: 'Ke sdílení vybraných záznamů nelze nic přidat',
    pickedOnlyText:
      'Pacient vybral jednotlivé záznamy nebo dny. Co se přidává, potřebuje druh záznamů, který je s vámi sdílen celý. Požádejte o právo přidávat záznamy toho druhu.',
    askToAdd: 'Požádat o právo přidávat',
  },
  strip: {
    none: 'V žádné organizaci',
    several_one: 'V {{count}} organizaci',
    several_few: 'Ve {{count}} organizacích',
    several_many: 'V {{count}} organizace',
    several_other: 'V {{count}} organizacích',
    unverified: 'neověřená',
  },
  worklist: {
    patient: 'Pacient',
    scope: 'Co je sdíleno a k čemu',
    until: 'Přístup do',
    more: 'Od vašeho nahlédnutí přibylo',
  },
}
