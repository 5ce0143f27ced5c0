import type { RelyingParties } from '../relying-party/index.ts'
import { demoAgencies, type DemoAgency } from './agencies/agency.ts'

export interface DemoRegistrations {
  /**
   * Registers a demo agency by its `oidc`, `saml` or `clave` body, or puts it right where it is known; answers its client
   * secret where it gets one.
   */
  register(agency: DemoAgency, home: string, body: Readonly<Record<string, unknown>>): Promise<string | undefined>
  /** Puts all of them back to what they were registered with; their secrets stay. */
  restore(): Promise<void>
}

export const demoIds: readonly string[] = demoAgencies.map(({ id }) => id)

export function demoRegistrations(relyingParties: RelyingParties): DemoRegistrations {
  const inputs = new Map<string, Readonly<Record<string, unknown>>>()
  return {
    async register(agency, home, body) {
      const { id, name, sector, leastLevel, scopes } = agency
      const input = { name, sector, level: leastLevel, scopes, home, ...body }
      inputs.set(id, input)
      const written =
        (await relyingParties.change(id, input, { newSecret: true })) ??
        (await relyingParties.register({ id, ...input }))
      if ('problems' in written) throw new Error(`demo agency ${id}: ${JSON.stringify(written.problems)}`)
      return written.clientSecret
    },
    async restore() {
      for (const [id, input] of inputs) await relyingParties.change(id, input)
    },
  }
}
