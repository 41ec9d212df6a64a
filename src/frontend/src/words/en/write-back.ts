export const writeBack = {
  writeBack: {
    file: 'A file',
    fileHint: 'A PDF, a photo, the images of an examination as a folder (DICOM), or any other file',
    drop: 'Drop a file here, or choose one. A folder of images becomes one record.',
    goesOn:
      'Encrypted here before it is sent. If the line breaks while a large file is sent, send it again: what has arrived is not sent a second time.',
    beginsAnew:
      'Encrypted here before it is sent, for those who may read it. You are not one of them: you cannot open it afterwards, and if the line breaks it is sent again from its beginning.',
    kept: 'What you chose and typed stays in this tab until it is sent, also while you look elsewhere. Locking or reloading the page forgets it.',
    sentSealed:
      '“{{title}}” is in the patient’s record. You cannot open it: this share lets you add records and open none.',
    readOnlyText:
      'The share lets you open records and add none. Ask for the right to add: the patient decides, and sees what for.',
    pickedOnly: 'Nothing can be added under a share of picked records',
    pickedOnlyText:
      'The patient picked records, or days. What is added needs a kind of record that is shared with you as a whole. Ask for the right to add records of that kind.',
    askToAdd: 'Ask for the right to add',
  },
  strip: {
    none: 'In no organisation',
    several_one: 'In {{count}} organisation',
    several_other: 'In {{count}} organisations',
    unverified: 'not verified',
  },
  worklist: {
    patient: 'Patient',
    scope: 'What is shared, and what for',
    until: 'Access until',
    more: 'More since you looked',
  },
} as const
