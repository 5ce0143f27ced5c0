import { statement, type Tx } from '../platform/index.ts'

// The key decides whose a name is. The lock only keeps two that swap names from waiting for each other in a circle;
// readers pass it.
const lock = statement(
  'relying-party.lock-saml-names',
  'lock table relying_party_saml_name in share row exclusive mode',
)
const drop = statement(
  'relying-party.drop-saml-names',
  'delete from relying_party_saml_name where relying_party = $1 and name <> all ($2)',
)
const claim = statement<{ name: string }>(
  'relying-party.claim-saml-names',
  `insert into relying_party_saml_name as held (name, relying_party)
   select name, $1 from unnest($2::text[]) as name
   on conflict (name) do update set relying_party = held.relying_party where held.relying_party = excluded.relying_party
   returning name`,
)

export const samlNameTable = {
  /** Makes these the names of the relying party; answers those that are another's, which it did not get. */
  async claim(tx: Tx, relyingParty: string, names: readonly string[]): Promise<readonly string[]> {
    const values = [relyingParty, names]
    const [, , rows] = await Promise.all([tx.rows(lock), tx.rows(drop, values), tx.rows(claim, values)])
    const held = new Set(rows.map(({ name }) => name))
    return names.filter((name) => !held.has(name))
  },
}
