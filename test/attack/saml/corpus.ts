import { readdirSync } from 'node:fs'
import { isRefusal, type Refusal } from '../../../src/refusal/index.ts'
import { receivePost, receiveRedirect, type Verified } from '../../../src/saml/inbound.ts'
import { kinds, registered, type Attack, type Attempt, type Genuine } from './attack.ts'

/** Every case of every file in `cases/`. */
export async function loadCorpus(): Promise<readonly Attack[]> {
  const files = readdirSync(new URL('cases/', import.meta.url)).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(
    files.map(
      (file) => import(new URL(`cases/${file}`, import.meta.url).href) as Promise<{ cases: readonly Attack[] }>,
    ),
  )
  return modules.flatMap(({ cases }) => cases)
}

/** What the service makes of it, by the way that a message takes through a door. */
export function receive(attempt: Attempt, genuine: Genuine, now: Date): Verified | Refusal {
  const received = 'post' in attempt ? receivePost(attempt.post, kinds) : receiveRedirect(attempt.redirect, kinds)
  return isRefusal(received) ? received : received.verify(registered(genuine), now)
}
