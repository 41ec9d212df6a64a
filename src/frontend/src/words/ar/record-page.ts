import type { Ar } from '../ar.ts'

export const recordPage: Pick<Ar, 'recordPage'> = {
  recordPage: {
    stoppedHalf: 'لم يعد يُفتح شيء. النصف الآخر من الشبكة لم يؤكد بعد، وتُعاد المحاولة…',
    moreKinds: 'تشمل هذه المشاركة أكثر من هذا السجل: كل ما في {{kinds}}. ستتوقف كلها.',
    moreRecords: 'السجلات المختارة واحدًا واحدًا تتوقف معًا: تتوقف أيضًا السجلات الأخرى في هذه المشاركة.',
    moreOrganisation: 'تتوقف لكل من يعمل هناك.',
  },
}
