import type { RegistrationChannel, RegistrationLevel } from '../citizen/index.ts'

interface ChannelRules {
  readonly level: RegistrationLevel
  /** Whether who gave a registration up may come back this way (clave-domain, "Registering": renuncia). */
  readonly afterRenuncia: boolean
}

/** What each way of registering gives (clave-domain, "Registering"). */
export const channelRules = {
  letter: { level: 'basic', afterRenuncia: false },
  video: { level: 'basic', afterRenuncia: false },
  pin24h: { level: 'basic', afterRenuncia: false },
  certificate: { level: 'advanced', afterRenuncia: true },
  in_person: { level: 'advanced', afterRenuncia: true },
} as const satisfies Record<RegistrationChannel, ChannelRules>
