export const names = {
  names: {
    give: 'Give a name',
    change: 'Change the name',
    of: '{{what}}: {{code}}',
    label: 'What do you call them?',
    hint: 'Only you see this name: it is kept on this device, encrypted, and on a computer that others use too only until you lock. What counts is still the code.',
    save: 'Save the name',
    saved: '{{name}}: the name is saved',
    removed: 'The name is removed',
    notSaved: 'The name is not saved',
    wrong: 'At most 80 letters, on one line.',
  },
} as const
