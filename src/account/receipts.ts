import type { ActsParts } from './acts-parts.ts'

type ReceiptParts = Pick<ActsParts, 'store' | 'clock' | 'random' | 'envelope' | 'limits'>

/** A receipt until it is downloaded; its content is sealed. */
interface Kept {
  /** Digest of the browser's cookie: elsewhere its id is worth nothing. */
  readonly browser: string
  readonly sealed: string
}

const keyOf = (id: string): string => `account-receipt:${id}`
const contextOf = (kind: string, id: string): string => `account.receipt.${kind}.${id}`
const idShape = /^[\w-]{22}$/

/** Keeps what a receipt is made of (JSON) for this browser, as long as a login lasts (20 min); answers its random id. */
export async function keepReceipt(
  { store, clock, random, envelope, limits }: ReceiptParts,
  kind: string,
  browser: string,
  content: unknown,
): Promise<string> {
  const id = random.token(16)
  const kept: Kept = { browser, sealed: envelope.seal(JSON.stringify(content), contextOf(kind, id)) }
  await store.set(keyOf(id), kept, clock.in(limits.loginLifetime))
  return id
}

/** What was kept under this id; `once`: of any number of callers one gets it. */
export async function findReceipt<Content>(
  { store, envelope }: Pick<ReceiptParts, 'store' | 'envelope'>,
  kind: string,
  browser: string | undefined,
  id: string,
  how?: 'once',
): Promise<Content | undefined> {
  if (!idShape.test(id)) return undefined
  const kept = (await store.get<Kept>(keyOf(id)))?.value
  if (!kept || kept.browser !== browser) return undefined
  if (how === 'once' && !(await store.take(keyOf(id)))) return undefined
  return JSON.parse(envelope.open(kept.sealed, contextOf(kind, id)).toString()) as Content
}
