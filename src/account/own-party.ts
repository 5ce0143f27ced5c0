import type { RelyingParty } from '../relying-party/index.ts'

/**
 * Mi Cl@ve as the login engine sees it: one more relying party, which speaks no protocol. The ids of those registered begin
 * with a letter or a digit, so nobody can take its name.
 */
export const ownParty: RelyingParty = {
  id: '_mi-clave',
  name: 'Mi Cl@ve',
  sector: '_mi-clave',
  leastLevel: 'low',
  scopes: [],
  home: '/account',
  excluded: [],
  oidc: undefined,
  saml: undefined,
}

interface Parties {
  find(id: string): Promise<RelyingParty | undefined>
}

/** The registered ones, and Mi Cl@ve. */
export const withOwnParty = (registered: Parties): Parties => ({
  find: async (id) => (id === ownParty.id ? ownParty : registered.find(id)),
})
