// What people are told, in three languages. No name, no value, no kind of record: a mail lies in the open.

export const LANGUAGES = ['en', 'cs', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]
export const isLanguage = (text: string): text is Language => LANGUAGES.some((each) => each === text)

/**
 * `look`: something asks for somebody. `blind`: this process cannot read. `seeing`: it can again. `ended`: something is not shared any more. `heartbeat`: the daily sign that all
 * of this works.
 */
export const KINDS = ['look', 'blind', 'seeing', 'ended', 'heartbeat'] as const
export type Kind = (typeof KINDS)[number]

interface Texts {
  readonly subject: Readonly<Record<Kind, string>>
  readonly text: Readonly<Record<Kind, string>>
  /** In place of `blind`, where others can still be read, and in a heartbeat meanwhile. */
  readonly partly: string
  readonly again: string
  readonly device: string
  readonly answer: string
  readonly notAlarm: string
}

const EN: Texts = {
  subject: {
    look: 'MedGuard: something to look at',
    blind: 'MedGuard watch cannot see',
    seeing: 'MedGuard watch sees again',
    ended: 'MedGuard watch: something is not shared any more',
    heartbeat: 'MedGuard watch is running',
  },
  text: {
    look: 'There is something to look at in MedGuard.',
    blind:
      'For some time nothing could be read. What happens meanwhile is told to nobody: look into MedGuard yourself.',
    seeing: 'Readings can be read again. What came meanwhile is told from now on.',
    ended:
      'Something that was looked after here is not shared any more, or sharing is paused. Nobody is told of it from here.',
    heartbeat:
      'This message comes regularly while all is well. If it does not come, nobody is told of anything: see to it.',
  },
  partly:
    'Some of what is looked after here cannot be read. What happens there is told to nobody: look into MedGuard yourself.',
  again: 'Nobody has answered yet, so this is said again.',
  device: 'Device: {{name}}',
  answer: 'Whoever says “I have seen it” or puts it off there ends these messages.',
  notAlarm: 'This is not a medical alarm: messages can be late or be lost. In an emergency, call for help.',
}
const CS: Texts = {
  subject: {
    look: 'MedGuard: je na co se podívat',
    blind: 'Hlídání MedGuard nevidí',
    seeing: 'Hlídání MedGuard znovu vidí',
    ended: 'Hlídání MedGuard: něco už není sdíleno',
    heartbeat: 'Hlídání MedGuard běží',
  },
  text: {
    look: 'V MedGuardu je něco, na co se podívat.',
    blind:
      'Už nějakou dobu se nedalo nic přečíst. Co se zatím stane, se nikdo nedozví: podívejte se do MedGuardu sami.',
    seeing: 'Měření se dají znovu číst. Co zatím přišlo, se oznamuje od teď.',
    ended: 'Něco, co se odtud hlídalo, už není sdíleno, nebo je sdílení pozastavené. Odtud se o tom nikdo nedozví.',
    heartbeat:
      'Tato zpráva chodí pravidelně, dokud je vše v pořádku. Když nepřijde, nikdo se nedozví nic: zjistěte proč.',
  },
  partly:
    'Něco z toho, co se odtud hlídá, se nedá přečíst. Co se tam stane, se nikdo nedozví: podívejte se do MedGuardu sami.',
  again: 'Nikdo zatím neodpověděl, proto znovu.',
  device: 'Zařízení: {{name}}',
  answer: 'Kdo tam řekne „Vidím to“ nebo to odloží, ukončí tyto zprávy.',
  notAlarm: 'Toto není lékařský alarm: zprávy se mohou zpozdit nebo ztratit. V nouzi volejte o pomoc.',
}
const AR: Texts = {
  subject: {
    look: 'MedGuard: هناك ما يستحق النظر',
    blind: 'مراقبة MedGuard لا ترى',
    seeing: 'مراقبة MedGuard ترى من جديد',
    ended: 'مراقبة MedGuard: شيء لم يعد مشاركًا',
    heartbeat: 'مراقبة MedGuard تعمل',
  },
  text: {
    look: 'هناك ما يستحق النظر في MedGuard.',
    blind: 'منذ مدة لم يمكن قراءة أي شيء. ما يحدث في هذه الأثناء لا يُبلَّغ به أحد: انظر في MedGuard بنفسك.',
    seeing: 'يمكن قراءة القياسات من جديد. ما وصل في هذه الأثناء يُبلَّغ عنه من الآن.',
    ended: 'شيء كان يُراقَب من هنا لم يعد مشاركًا، أو أن المشاركة متوقفة مؤقتًا. لا يُبلَّغ عنه أحد من هنا.',
    heartbeat: 'تصل هذه الرسالة بانتظام ما دام كل شيء على ما يرام. إن لم تصل فلا يُبلَّغ أحد بأي شيء: تحقق من السبب.',
  },
  partly: 'بعض ما يُراقَب من هنا لا يمكن قراءته. ما يحدث فيه لا يُبلَّغ به أحد: انظر في MedGuard بنفسك.',
  again: 'لم يرد أحد بعد، لذا تُكرَّر الرسالة.',
  device: 'الجهاز: {{name}}',
  answer: 'من يقول هناك «رأيته» أو يؤجله ينهي هذه الرسائل.',
  notAlarm: 'هذا ليس جهاز إنذار طبي: قد تتأخر الرسائل أو تضيع. في حالة الطوارئ اطلب المساعدة.',
}
const TEXTS: Readonly<Record<Language, Texts>> = { en: EN, cs: CS, ar: AR }

/** One message to one address. */
export interface Message {
  readonly kind: Kind
  /** The same for the same message, however often it is sent: whoever gets it twice can know. */
  readonly id: string
  /** Of how many alerts it is. */
  readonly count: number
  /** Said before, and nobody has answered. */
  readonly isAgain: boolean
  /** Some of what is looked after cannot be read, and the rest can. */
  readonly isPartly: boolean
  /** Names of devices, where their owner wants them told. */
  readonly devices: readonly string[]
  readonly link: string | null
}

export function textOf({ kind, isAgain, isPartly, devices, link }: Message, language: Language) {
  const words = TEXTS[language]
  const lines = [
    ...(kind === 'blind' && isPartly ? [] : [words.text[kind]]),
    ...(isPartly ? [words.partly] : []),
    ...(isAgain ? [words.again] : []),
    ...devices.map((name) => words.device.replace('{{name}}', () => name)),
    ...(link === null ? [] : [link]),
    '',
    ...(kind === 'look' ? [words.answer] : []),
    words.notAlarm,
  ]
  return { subject: words.subject[kind], text: `${lines.join('\n')}\n` }
}
