import { clear, type Disclosure, hash, id, ofNobody, keptTwice } from '@medguard/shared/disclosure'
import type { ROWS } from './store.ts'

export const audit: Disclosure<typeof ROWS> = {
  state: [ofNobody('head of the log, how far each source has come', 'the log as a whole')],
  leaf: [
    clear(
      'who did what, when, for what purpose',
      ['patient', 'representative', 'administrator'],
      'the log; administrators see the acts of their organisation, everybody their own',
    ),
    id(
      'patient id, object, grant, compartment, request',
      ['patient', 'representative', 'administrator'],
      'to what it was done',
    ),
    clear('canonical grants, with recipient and period', ['patient', 'representative'], 'what was agreed to'),
    hash(
      'leaf hash',
      ['anybody'],
      'proves that nothing was changed; tells nothing, for each leaf is blinded with 128 bits',
    ),
  ],
  reader: [clear('principals that may read a patient’s lines', [], 'decides who reads')],
  holder: [
    clear('principal, the account it signs in to', [], 'so that each sign-in of a carer reads, and none that ended'),
  ],
  accountReader: [
    id('patient id, account id of who acts for the patient, from when, until when', [], 'decides who reads'),
  ],
  systemKey: [ofNobody('32 secret bytes', 'blind the lines about no patient')],
  configuration: keptTwice.configuration,
  tile: [hash('hashes of the tree', ['anybody'], 'proofs')],
  chain: [
    id('patient id, positions of its lines', ['patient', 'representative'], 'one chain for each patient'),
    clear('32 secret bytes', [], 'blind the patient’s lines'),
  ],
  actor: [clear('principal, positions of its lines', [], 'one’s own acts')],
  checkpoint: [ofNobody('size, root and signature of the newest checkpoint', 'witnesses cosign it')],
  checkpointKey: [ofNobody('name and public half of the key that signs checkpoints', 'anybody checks them with it')],
  organisation: [
    id(
      'organisation id, positions of its lines, what they come to',
      ['administrator'],
      'one sequence for each organisation',
    ),
  ],
  organisationReader: [clear('principals that may read an organisation’s lines', [], 'decides who reads')],
  notes: [ofNobody('how many notes of other shards’ lines were taken', 'so that each is taken once')],
  shardHead: [ofNobody('size and root of each further canister of the log', 'that none of them is rewritten unseen')],
  upgrades: [ofNobody('version and time', 'until the log tells of them')],
}
