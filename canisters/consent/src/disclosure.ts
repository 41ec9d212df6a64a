import { clear, type Disclosure, hash, id, keptTwice, ofNobody } from '@medguard/shared/disclosure'
import type { SECTION } from './store.ts'

export const consent: Disclosure<typeof SECTION> = {
  ...keptTwice,
  readerNotes: [
    clear(
      'sign-ins and administrators on their way to canisters of the log',
      [],
      'so that who may read there does, and who may not does not',
    ),
    id('organisation id, numbers of canisters of the log', [], 'which of them know its administrators'),
  ],
  erasures: [
    id('patient id of a vault that is erased', [], 'so that it is not given out again'),
    clear('how far it has come, until it is done', ['patient'], 'so that it is gone on with'),
  ],
  erasureMarks: [
    hash('patient id and a sign-in of theirs, for 30 days', [], 'finds the receipt for who knows both'),
    clear('when, how many versions, bytes and shares', ['patient'], 'for the receipt'),
    hash('receipt', [], 'so that the last step happens once'),
  ],
  accounts: [
    clear('principal, when enrolled', ['patient'], 'who has a vault'),
    id(
      'account id, patient id, eight compartment ids',
      ['patient', 'grantee'],
      'names in place of principals and kinds',
    ),
    clear(
      'which compartment id is which kind',
      ['patient', 'grantee'],
      'equal for everybody: all eight are made at enrolment',
    ),
  ],
  shredSalts: [
    clear(
      '32 random bytes for each patient',
      ['patient', 'representative', 'grantee'],
      'goes with every key; erasing it makes all wraps unopenable',
    ),
  ],
  epochs: [
    clear(
      'how often the key of a compartment moved on',
      ['patient', 'grantee'],
      'tells that somebody who had the key lost it',
    ),
  ],
  derivers: [
    clear(
      'who got the key of an epoch, under which grant',
      [],
      'so that the key moves on when one of them may not any more',
    ),
  ],
  keyChecks: [
    clear(
      '16 bytes of each key’s check value',
      ['patient', 'grantee'],
      'shows a wrong key before anything is written under it',
    ),
  ],
  changes: [
    clear(
      'principal of a person or an organisation, a counter',
      ['patient', 'practitioner'],
      'tells a page to look again',
    ),
  ],
  accessRequests: [
    clear(
      'who asked whom for access: categories, rights, purpose, period, answer',
      ['patient', 'representative', 'practitioner'],
      'who is treated by whom, as far as somebody asked; requests that reach nobody are kept like the others',
    ),
    clear('patient id, grantee', [], 'whom a patient once shared with, for patients whom only these may ask'),
  ],
  agreements: [
    clear(
      'the text of a grant that the patient confirmed',
      ['patient', 'representative', 'grantee'],
      'what was agreed, in words: whom, categories or number of records, rights, purpose, period; no title',
    ),
  ],
  authorKeys: [
    clear(
      'public keys that somebody signs records with, who registered each, from when to when',
      ['patient', 'grantee'],
      'whoever reads a signed record is told whose key it is; kept when the signer’s vault is erased',
    ),
    id('patient id of the signer', [], 'until that vault is erased'),
  ],
  factsChanged: [ofNobody('a counter', 'when anything that decisions rest on was last written')],
  swept: [
    clear(
      'compartment, when its readers were last looked through',
      [],
      'so that a write looks again only when something changed',
    ),
  ],
}
