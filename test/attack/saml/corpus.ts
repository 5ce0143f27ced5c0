import { readdirSync } from 'node:fs'
import { isRefusal, type Refusal } from '../../../src/refusal/index.ts'
import { receivePost, receiveRedirect, type Verified } from '../../../src/saml/inbound.ts'
import { kinds, registered, type Attack, type Attempt, type Genuine } from './attack.ts'
import type { DoorAttack, DoorPass } from './door.ts'
import type { MetadataAttack, RegistrationAttack } from './metadata.ts'

/** What a file in `cases/` may hold. */
export interface Cases {
  /** Of one message, whatever door it comes to. */
  readonly cases: readonly Attack[]
  /** Over HTTP. */
  readonly doorCases: readonly DoorAttack[]
  /** What the doors take: the controls of `doorCases`, and the bounds of what is refused. */
  readonly genuine: readonly DoorPass[]
  /** In the place of a service provider's metadata. */
  readonly metadataCases: readonly MetadataAttack[]
  readonly registrationCases: readonly RegistrationAttack[]
}

/** Every case of one sort in every file of `cases/`. */
async function loadCases<Case>(of: (module: Partial<Cases>) => readonly Case[] | undefined): Promise<Case[]> {
  const files = readdirSync(new URL('cases/', import.meta.url)).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(
    files.map((file) => import(new URL(`cases/${file}`, import.meta.url).href) as Promise<Partial<Cases>>),
  )
  return modules.flatMap((module) => of(module) ?? [])
}

export const loadCorpus = () => loadCases(({ cases }) => cases)
export const loadDoorCases = () => loadCases(({ doorCases }) => doorCases)
export const loadGenuine = () => loadCases(({ genuine }) => genuine)
export const loadMetadataCases = () => loadCases(({ metadataCases }) => metadataCases)
export const loadRegistrationCases = () => loadCases(({ registrationCases }) => registrationCases)

/** What the service makes of it, by the way that a message takes through a door. */
export function receive(attempt: Attempt, genuine: Genuine, now: Date): Verified | Refusal {
  const received = 'post' in attempt ? receivePost(attempt.post, kinds) : receiveRedirect(attempt.redirect, kinds)
  return isRefusal(received) ? received : received.verify(registered(genuine), now)
}
