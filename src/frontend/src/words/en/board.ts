export const board = {
  board: {
    title: 'Readings now',
    intro:
      'What the devices of your patients send. While this page is open, each patient’s access log says about every quarter of an hour that you looked.',
    notAlarm: 'This is not a medical alarm',
    notAlarmText:
      'Nothing rings, and nobody is woken. What is late is shown late, and a page that is closed or out of sight shows nothing.',
    list: 'Patients, those who need looking at first',
    nobody: 'Nobody shares readings with you right now',
    nobodyText:
      'A patient appears here who shares “{{kind}}” with you as a whole. Ask for that kind, for as long as you look after them, or give them your share code.',
    unsureText:
      'There is no connection to MedGuard. The readings come back by themselves once the access is confirmed.',
    deaf: 'This page does not know what came since',
    deafText: 'MedGuard does not answer. It goes on asking.',
    deafSince: 'MedGuard does not answer. It goes on asking. It last heard {{at}}.',
    looking: 'Looking through the readings…',
    notShown: 'The readings are not shown',
    open: 'Open the readings of {{name}}',
    openShort: 'Open',
    checked: 'Checked to be complete {{at}}.',
    until: 'Shared until {{until}}.',
  },
  latest: {
    nothing: 'No device has sent anything yet.',
    signs: 'What to look at',
    newest: 'Newest values',
    ago: '{{time}} ago',
    silent: 'Silent: last measured {{at}}, and usually something comes every {{every}}',
    ahead: 'A device’s clock is wrong: {{time}} ahead',
    gaps_one: '{{count}} gap in a day: from {{from}}, {{time}} long',
    gaps_other: '{{count}} gaps in a day, the longest from {{from}}, {{time}} long',
    remarked_one: '{{count}} reading of a day has a remark',
    remarked_other: '{{count}} readings of a day have a remark',
  },
} as const
