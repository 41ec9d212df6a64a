import { clear, type Disclosure, hash, id, ofNobody, sealed, keptTwice } from '@medguard/shared/disclosure'
import type { MEMORY, SECTION } from './store.ts'

export const records: Disclosure<typeof SECTION> = {
  ...keptTwice,
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
    clear('principal', ['patient'], 'who has a vault'),
    id('patient id, eight compartment ids', ['patient', 'grantee'], 'names in place of principals and kinds'),
  ],
  uploads: [
    clear('who uploads, since when', ['patient', 'grantee'], 'so that an upload can be continued and given back'),
    clear('number and size of chunks', ['patient', 'grantee'], 'tells how large a record is, to within 12 percent'),
    id('record id, patient id, compartment id, grant id', ['patient', 'grantee'], 'where it belongs'),
  ],
  pendings: [
    sealed('record secret of an upload', ['patient', 'grantee'], 'given back to who began it, after a line in the log'),
    clear('salt of the body', ['patient', 'grantee'], 'of no use without the secret'),
    hash('content, keyed with the secret', ['patient', 'grantee'], 'shows the uploader whether the file is the same'),
  ],
  deleted: [
    clear('when a record was deleted', ['patient', 'grantee'], 'so that it stays deleted'),
    id('record id', ['patient', 'grantee'], 'which it was'),
  ],
  deletions: [hash('rows of what was deleted', ['patient', 'grantee'], 'so that nothing is passed off as deleted')],
  openUploads: [id('record ids of one person’s uploads', [], 'at most 16 at once')],
  records: [
    id('record id, patient id, compartment id', ['patient', 'grantee'], 'where a record is at home'),
    clear('number of the newest version', ['patient', 'grantee'], 'tells how often it was changed'),
  ],
  versions: [
    id('record id, patient id, compartment id', ['patient', 'grantee'], 'where it belongs'),
    clear('principal of the author', ['patient', 'grantee'], 'tells who stored it'),
    clear(
      'number and size of chunks, place in the list',
      ['patient', 'grantee'],
      'tells how large it is and what came before',
    ),
    hash('manifest', ['patient', 'grantee'], 'what the log attests'),
  ],
  lists: [
    id('record id, version', ['patient', 'grantee'], 'what a compartment or a share lists'),
    sealed('wraps of record secrets', ['patient', 'grantee'], 'given out one by one, after a line in the log'),
  ],
  counters: [ofNobody('number of the next body', 'names chunks')],
  windows: [
    clear('who listed which compartment, until when they may page', [], 'so that pages need no line of their own'),
  ],
  underGrants: [clear('how many versions and bytes were stored under a grant', [], 'quotas of who may write')],
  usages: [clear('how many versions and bytes a vault has', ['patient'], 'quotas')],
  keyStates: [
    clear('how many records are under which epoch', ['patient', 'grantee'], 'tells what a rewrap has left to do'),
    sealed('wraps of secrets, as before the last rewrap', [], 'kept until the new ones are known to open'),
  ],
  devicePosts: [
    clear(
      'when a device posted last, and the number of its next batch',
      ['patient', 'representative'],
      'tells whether a device still posts; that it may be counted on from',
    ),
    hash('manifests of a device’s last 1,024 batches', [], 'so that none is kept twice'),
  ],
  healthLinks: [
    id('link id, patient id', ['patient', 'representative'], 'names a link where its address must not stand'),
    hash('token in the link’s address', [], 'finds the link for who has it'),
    clear(
      'when a link was made, until when it holds, when and why it ended, how large its content is, how many wrong passcodes are left',
      ['patient', 'representative'],
      'tells that records are shown to somebody without an account, and until when',
    ),
    sealed('what its maker calls it', ['patient', 'representative'], 'for the list of links'),
    clear(
      'salt and slow hash of the passcode, until the link ends',
      [],
      'checks passcodes; six digits are guessed from it, and open nothing without the link',
    ),
    clear(
      'what the last ten who opened it said of themselves, and when',
      ['patient', 'representative'],
      'nobody checks it; in the log stands a hash',
    ),
    id('patient id of who made it', [], 'so that it ends with their powers'),
    clear('in which hour it ends', [], 'so that its content goes'),
  ],
  capsules: [
    clear(
      'who deposits in which compartment, how many records, since when',
      ['patient', 'grantee'],
      'so that no step is used twice',
    ),
    sealed('capsules', ['patient', 'grantee'], 'open what was deposited by who cannot read'),
    sealed(
      'starts of their chains',
      ['patient', 'grantee'],
      'the same, for who has no more than the compartment’s key',
    ),
  ],
  unfinished: [clear('whose uploads are looked at next', [], 'so that what nobody continues is given back')],
  blobs: [clear('which chunks are there', ['patient', 'grantee'], 'so that an upload can be continued')],
}

/** Memories of their own beside the rows. */
export const recordsMemories: Omit<Disclosure<typeof MEMORY>, 'rows'> = {
  chunks: [
    sealed('content', ['patient', 'grantee'], 'the record itself, padded'),
    sealed('content of links', ['anybody'], 'for who has the link and its passcode; its key is in the link alone'),
  ],
  lists: [
    sealed('header: title, dates, codes, names, file name', ['patient', 'grantee'], 'what a list shows'),
    sealed('wraps of header secrets', ['patient', 'grantee'], 'open the headers'),
    clear(
      'who deposited or signed a record, when, through which organisation',
      ['patient', 'grantee'],
      'whose word it is',
    ),
    clear('signature of who made it, and which key', ['patient', 'grantee'], 'shows readers that nobody else made it'),
    clear('manifest: sizes, ids, salts', ['patient', 'grantee'], 'how a record is to be opened'),
    hash('commitments, content, header', ['patient', 'grantee'], 'show what was changed'),
  ],
}
