export const home = {
  settings: {
    title: 'Code and settings',
    code: 'My share code',
    codeText:
      'Give this code to people who want to share records with you. It opens nothing by itself. <help>What a share code is</help>',
    copyCode: 'Copy my share code',
    session: 'This sign-in',
    since: 'Health record since',
    until: 'Signed in until',
    locks: 'Locks itself',
    locksAfter: 'after {{time}} without a touch',
    locksAfterBoth: 'after {{time}} without a touch, in provider view after {{provider}}',
    otherAccount:
      'To use another account, sign out and sign in with the other one. Nothing readable stays on this device.',
    about: 'About',
    version: 'Version',
    noVersion: 'not named by the build',
    network: 'Network',
    development: 'development network on this computer, for made-up data only',
  },
  home: {
    title: 'Home',
    share: 'Share',
    whoSees: 'Who can see your records',
    allShares: 'All shares',
    start: 'Start here',
    newest: 'Newest records',
    takingOver: 'Somebody is taking over this account',
    takingOverStop: 'I did not ask for this: stop it',
    takingOverText:
      'A recovery was started for the sign-in {{code}}. Unless you stop it, that sign-in gets your records {{at}}, and this one no longer opens them.',
    notStopped: 'Not stopped',
    unfinished_one: 'A share was not finished',
    unfinished_other: '{{count}} shares were not finished',
    unfinishedGo: 'Finish or withdraw',
    unfinishedText: 'Nobody can open anything through it yet.',
    nobody: '<b>Nobody but you.</b> Nothing is shared with anyone.',
    nobodyNow: '<b>Nobody but you.</b> What you share is on hold.',
    firstRecord: 'Add your first record',
    firstRecordText: 'A letter, a result, or a photo of a prescription.',
    firstNote: 'Write a note',
    firstNoteText: 'An allergy, a symptom, a question for the next visit.',
    firstImport: 'Bring in what a clinic gave you',
    firstImportText: 'A folder, a disc or a file of your health data.',
    firstDevice: 'Connect a device',
    firstDeviceText: 'A scale, a cuff or a sensor, or what your phone collected.',
    firstCode: 'Get your share code',
    firstCodeText: 'Give it to people who want to share with you.',
  },
  help: {
    title: 'Help',
    intro: 'What MedGuard promises, and what it means.',
    encryption: 'Who can read my records?',
    encryption1:
      'You, and the people you share with, until the share ends. Your device encrypts each record, its title and its date before they are sent. What is stored is unreadable to those who store it.',
    encryption2:
      'Each record has a key of its own. To open one, your device asks the network, whose computers must agree before they hand out what is needed, and they do so only for you or under a share that you gave. No single one of them could do it alone.',
    codes: 'What is a share code?',
    codes1:
      'A long name for one sign-in at MedGuard. It is not secret: who has yours can share with you and cannot do anything else. You find it under “Code and settings”.',
    codes2:
      'All that MedGuard knows of a code is what verified organisations say of it. So get it from the person directly, on the spot or over a way you trust. Two codes may look alike at their ends and differ in the middle: copy the whole of it instead of comparing a few letters. The code has its own check for typing mistakes.',
    stopping: 'What happens when I stop sharing?',
    stopping1:
      'From the moment the network confirms it, nothing more opens for that person, and a page they have open goes blank within seconds. Until it is confirmed, access is still on, and the page says so.',
    stopping2:
      'What they have seen, they have seen. They may have saved, printed or remembered it, and no technology takes that back. The access log shows what they opened, so that you know.',
    log: 'How does the access log work?',
    log1: 'Before a record opens for anybody, you included, an entry is written. Without the entry nothing opens. Each entry carries a fingerprint of the whole log before it, and the network signs the newest one.',
    log2: 'Whenever you look at the log, this page checks these fingerprints and signatures itself. A missing, changed or inserted entry does not fit, and the page says so instead of showing the log as complete. It also remembers what it saw last, so that nobody can show it an older state.',
    integrity: 'What does “matches what was stored” mean?',
    integrity1:
      'When a record is saved, its fingerprint is written into the log. When it is opened, this page computes the fingerprint of what it received and compares the two. They are equal only if not a single bit differs. If they do differ, nothing of the content is shown: you see a red notice instead. This says that the record is unchanged since it was saved. It does not say that its author was right.',
    signIn: 'How do I sign in, and what if I lose my phone?',
    signIn1:
      'You sign in with Internet Identity: your device confirms that it is you, with fingerprint, face or its PIN. There is no password that could leak. Add a second device or a recovery method there soon. Nobody, MedGuard included, can let you in without one of them, and without a way in the records cannot be opened any more.',
  },
} as const
