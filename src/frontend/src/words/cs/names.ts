export const names = {
  names: {
    give: 'Pojmenovat',
    change: 'Změnit jméno',
    of: '{{what}}: {{code}}',
    label: 'Jak této osobě říkáte?',
    hint: 'Toto jméno vidíte jen vy: je uloženo zašifrované v tomto zařízení, na sdíleném počítači jen do zamčení. Rozhoduje vždy kód.',
    save: 'Uložit jméno',
    saved: '{{name}}: jméno je uloženo',
    removed: 'Jméno je odstraněno',
    notSaved: 'Jméno není uloženo',
    wrong: 'Nejvýše 80 znaků na jednom řádku.',
  },
}
