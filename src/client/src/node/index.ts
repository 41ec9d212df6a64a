/** What clients in Node have besides: not for the page. */
export { lockFolder } from './folder-lock.ts'
export { checkSignature } from './signature-check.ts'
