import type { Cs } from '../cs.ts'

export const code: Pick<Cs, 'code'> = {
  code: {
    title: 'Který kód běží',
    intro:
      'Síť říká, co v které části běží. Přehled přístupů říká, co bylo kdy nasazeno a kdo to smí měnit. Tato stránka obojí porovnává.',
    looking: 'Čteme, co bylo nasazeno…',
    broken: 'O tom, co bylo nasazeno, proto nelze nic říct. Nespoléhejte na to, dokud se to nevysvětlí.',
    cannotTell: 'Přehled neukázal všechny zápisy. Podívejte se znovu za minutu.',
    same: 'Souhlasí se zápisem: {{part}}',
    since: 'Tento kód má přehled zapsaný {{at}}.',
    other: 'Nesouhlasí se zápisem: {{part}}',
    otherText:
      'Běží jiný kód než poslední, který je v přehledu. Několik minut po aktualizaci je to běžné. Když to trvá, zeptejte se provozovatele tohoto MedGuardu.',
    notTold: 'Zápis o tom není: {{part}}',
    notToldText: 'Kód této části zatím žádný zápis neuvádí.',
    notToldLog:
      'Přehled zapisuje, že se změnil jeho vlastní kód, ale sám za sebe ručit nemůže. Porovnejte otisk výše s otiskem od někoho, komu věříte.',
    entries: 'Co bylo nasazeno, od nejnovějšího',
    none: 'Zatím žádný zápis.',
    at: '{{time}} · zápis číslo {{number}}',
    began: 'Kód byl změněn: {{part}}',
    runs: 'Síť sdělila, co běží: {{part}}',
    settings: 'Části se dozvěděly jedna o druhé nebo o klíči',
    somePart: 'část MedGuardu',
    controllers: 'Změnit to tehdy mohli:',
    checked: 'Jiné takové zápisy nejsou. Síť přehled podepsala {{at}} a tato stránka to na tomto zařízení ověřila.',
    proves: 'Co to dokazuje',
    proves1: 'Který kód teď do posledního bitu běží a kdo ho smí měnit: obojí podepisuje síť.',
    proves2: 'Že z tohoto seznamu nebyla později žádná změna kódu vynechána ani do něj vsunuta.',
    provesNot: 'Co to nedokazuje',
    provesNot1:
      'Že je kód dobrý nebo že vznikl z veřejných zdrojů. Kdo to chce vědět, sestaví ho ze zdrojů a porovná otisky.',
    provesNot2: 'Že ho zítra nikdo nezmění. Kdo smí část měnit, může to udělat; vy to tu uvidíte potom.',
    provesNot3:
      'Nic o této stránce samé, kterou si stáhl váš prohlížeč. A zveřejněný seznam dobrých otisků zatím není.',
  },
}
