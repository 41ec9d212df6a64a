import type { Cs } from '../cs.ts'

export const keeping: Pick<Cs, 'keeping'> = {
  keeping: {
    title: 'Celé druhy záznamů',
    text: 'Všechny záznamy jednoho druhu i nové, jakmile je toto zařízení uvidí, zašifrované stejně jako jednotlivé. Každý se kvůli tomu jednou otevře, což je v záznamu přístupů.',
    none: 'Zatím nemáte žádné záznamy.',
    count_one: '{{count}} záznam, {{size}}',
    count_few: '{{count}} záznamy, {{size}}',
    count_many: '{{count}} záznamu, {{size}}',
    count_other: '{{count}} záznamů, {{size}}',
    here: 'zde {{here}} z {{all}}',
    large_one: '{{count}} je větší než {{size}} nebo se nedá přečíst, a neponechává se.',
    large_few: '{{count}} jsou větší než {{size}} nebo se nedají přečíst, a neponechávají se.',
    large_many: '{{count}} je větších než {{size}} nebo se nedá přečíst, a neponechává se.',
    large_other: '{{count}} je větších než {{size}} nebo se nedá přečíst, a neponechává se.',
    keep: 'Ponechat všechny',
    keepOf: 'Ponechat v zařízení vše z části {{kind}}',
    stop: 'Ukončit a odebrat',
    stopOf: 'Přestat ponechávat {{kind}} a odebrat je ze zařízení',
    working: 'Ponechávám záznam {{at}} z {{total}}…',
    left_one: '{{count}} záznam ještě není ponechán',
    left_few: '{{count}} záznamy ještě nejsou ponechány',
    left_many: '{{count}} záznamu ještě není ponecháno',
    left_other: '{{count}} záznamů ještě není ponecháno',
    noRoom:
      'Už tu není místo. Ponechává se nejvýše {{size}}, a méně, když v zařízení místo dojde. Přestaňte ponechávat to, co potřebujete nejméně.',
    withKind: 'Ponecháno s celou částí {{kind}}',
    link: 'Co toto zařízení ponechává',
  },
}
