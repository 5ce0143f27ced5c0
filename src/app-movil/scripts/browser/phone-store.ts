/** What this phone keeps of itself, in IndexedDB: the key cannot leave it, not even to a script of ours. */

export interface StoredPhone {
  /** What the server calls it; undefined: its activation was not answered yet. */
  readonly device: string | undefined
  readonly key: CryptoKey
  /** Id of the credential of the phone's own unlock, base64url. */
  readonly credential: string | undefined
  /** BASE_URL of the service: the service worker has no page that tells it. */
  readonly baseUrl: string
  /** As the citizen wants it; undefined: not asked yet. */
  readonly notifications: boolean | undefined
}

/** A phone that the server knows. */
export type Phone = StoredPhone & { readonly device: string }

const store = 'phone'
const only = 'this'

/** Rejects where the browser keeps nothing, as in some private windows. */
export async function readPhone(): Promise<Phone | undefined> {
  const found = await inStore('readonly', (phones) => phones.get(only) as IDBRequest<StoredPhone | undefined>)
  return found?.device === undefined ? undefined : { ...found, device: found.device }
}

export async function keepPhone(phone: StoredPhone): Promise<void> {
  await inStore('readwrite', (phones) => phones.put(phone, only))
}

export async function forgetPhone(): Promise<void> {
  await inStore('readwrite', (phones) => phones.delete(only))
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  ask: (phones: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await opened()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode)
      const asked = ask(transaction.objectStore(store))
      // Told only once it is on the disk.
      transaction.oncomplete = () => resolve(asked.result)
      transaction.onabort = () => reject(transaction.error ?? new Error('the phone’s store gave up'))
    })
  } finally {
    database.close()
  }
}

const opened = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open('clave-movil', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(store)
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error ?? new Error('the phone’s store does not open'))
  })
