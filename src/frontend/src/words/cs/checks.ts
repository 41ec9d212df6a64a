import type { Cs } from '../cs.ts'

export const checks: Pick<Cs, 'sharePreview' | 'logTime' | 'rehearsal' | 'panel' | 'unpack' | 'shareRow' | 'calendar'> =
  {
    sharePreview: {
      open: 'Ukázat, co uvidí',
      title: 'Jak to uvidí příjemce',
      hint: 'Sestaveno na tomto zařízení z vašich záznamů, jak jsou teď. Zatím se nic nesdílí.',
      terms: 'K čemu: {{purpose}}. Přístup do {{until}}.',
      count_one: '1 záznam a nic z ostatních:',
      count_few: '{{count}} záznamy a nic z ostatních:',
      count_many: '{{count}} záznamu a nic z ostatních:',
      count_other: '{{count}} záznamů a nic z ostatních:',
      records: 'Záznamy, které příjemce uvidí',
      andMore_one: 'A ještě 1.',
      andMore_few: 'A ještě {{count}}.',
      andMore_many: 'A ještě {{count}}.',
      andMore_other: 'A ještě {{count}}.',
      profile: 'Také to, co jste o sobě napsali: jméno, datum narození, krevní skupina, kontakty pro nouzi.',
      later: 'Uvidí i to, co k těmto druhům přidáte, dokud sdílení trvá.',
    },
    logTime: {
      fromDay: 'Od dne',
      untilDay: 'Do dne',
    },
    rehearsal: {
      title: 'Vyzkoušejte obnovu teď',
      text: 'Vezměte sadu, kterou jste si uložili, a napište její kód. Nic se nespustí a kód se nikomu neposílá.',
      go: 'Vyzkoušet sadu',
      works: 'Tato sada funguje',
      worksText: 'Vrátila by vám vaše zdravotní záznamy. Uložte ji tam, kde ji najdete vy, a ne jiní.',
      comes: 'Tato sada začne fungovat {{from}}',
      ends: 'Tato sada funguje jen do chvíle, než ji nahradí nová: {{from}}',
      other: 'Tato sada tyto záznamy neotevře',
      otherText: 'Je starší, nebo patří někomu jinému. Nemůžete-li najít tu správnou, vytvořte níže novou.',
      guardians_one: 'Je určen jeden strážce. Zeptejte se ho, zda se ještě může přihlásit: odtud se to vyzkoušet nedá.',
      guardians_few:
        'Jsou určeni {{count}} strážci. Zeptejte se každého, zda se ještě může přihlásit: odtud se to vyzkoušet nedá.',
      guardians_many:
        'Je určeno {{count}} strážce. Zeptejte se každého, zda se ještě může přihlásit: odtud se to vyzkoušet nedá.',
      guardians_other:
        'Je určeno {{count}} strážců. Zeptejte se každého, zda se ještě může přihlásit: odtud se to vyzkoušet nedá.',
    },
    panel: {
      title: 'Více laboratorních výsledků',
      hint: 'Celá tabulka, napsaná nebo vložená',
      intro:
        'Na každém řádku jeden výsledek. Tabulku z tabulkového programu, portálu nebo zprávy můžete vložit, jak je.',
      lines: 'Výsledky, každý na svém řádku',
      linesHint: 'Vyšetření, výsledek, jednotka a obvyklé rozmezí, mezi nimi tabulátory, středníky nebo mezery.',
      example: 'Hemoglobin 14,1 g/dL 12-16',
      who: 'Laboratoř (nepovinné)',
      understood: 'Jak jsme tomu rozuměli',
      test: 'Vyšetření',
      result: 'Výsledek',
      range: 'Obvyklé rozmezí',
      day: 'Den',
      wrong_one: 'Jeden řádek takto uložit nejde.',
      wrong_few: '{{count}} řádky takto uložit nejdou.',
      wrong_many: '{{count}} řádku takto uložit nejde.',
      wrong_other: '{{count}} řádků takto uložit nejde.',
      go: 'Prohlédnout záznamy, než se přidají',
      errorNone: 'Napište nebo vložte aspoň jeden výsledek.',
      errorMany: 'Najednou nejvýše {{max}} řádků. Více jich importujte ze souboru.',
      errorLine: 'Řádek {{line}}: {{reason}}',
    },
    unpack: {
      program: 'Je to program, ne záznam.',
      opening: 'Dívám se do souboru…',
      programs_one: 'Vynecháno: {{first}}. Je to program, ne záznam.',
      programs_few: 'Vynechány {{count}} programy, mezi nimi {{first}}. Nejsou to záznamy.',
      programs_many: 'Vynecháno {{count}} programu, mezi nimi {{first}}. Nejsou to záznamy.',
      programs_other: 'Vynecháno {{count}} programů, mezi nimi {{first}}. Nejsou to záznamy.',
    },
    shareRow: {
      records: 'Zobrazit záznamy těchto druhů',
    },
    calendar: {
      save: 'Zapsat konec do kalendáře',
      summary: 'MedGuard: končí sdílení',
    },
  }
