export const code = {
  code: {
    title: 'Which code runs',
    intro:
      'The network says what runs in each part; the access log says what was installed, when, and who may change it. This page compares the two.',
    looking: 'Reading what was installed…',
    broken: 'So nothing can be said of what was installed. Do not rely on it until this is explained.',
    cannotTell: 'The log did not show all of its entries. Look again in a minute.',
    same: 'As the log says: {{part}}',
    since: 'The log was told of this code {{at}}.',
    other: 'Not what the log says: {{part}}',
    otherText:
      'Other code runs than the last that the log names. For some minutes after an update that is normal. If it stays, ask whoever runs this MedGuard.',
    notTold: 'The log does not say: {{part}}',
    notToldText: 'No entry names the code of this part yet.',
    notToldLog:
      'The log writes down that its own code was changed, but it cannot vouch for itself. Compare the fingerprint above with one from somebody you trust.',
    entries: 'What was installed, newest first',
    none: 'No entry yet.',
    at: '{{time}} · entry {{number}} of the log',
    began: 'The code was changed: {{part}}',
    runs: 'The network told what runs: {{part}}',
    settings: 'The parts were told of each other, or of a key',
    somePart: 'a part of MedGuard',
    controllers: 'Could change it then:',
    checked:
      'These are all such entries there are. The network signed the log {{at}}, and this page checked it on this device.',
    proves: 'What this proves',
    proves1: 'Which code runs now, to the last bit, and who may change it: the network signs both.',
    proves2: 'That no change of code was left out of this list later, or slipped into it.',
    provesNot: 'What it does not prove',
    provesNot1:
      'That the code is good, or made from the public sources. Whoever wants to know builds it from the sources and compares the fingerprints.',
    provesNot2:
      'That nobody changes it tomorrow. Whoever may change a part can do so; you would see it here afterwards.',
    provesNot3:
      'Anything about this page itself, which your browser fetched. And there is no published list of good fingerprints yet.',
  },
} as const
