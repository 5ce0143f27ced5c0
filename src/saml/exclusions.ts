import type { MethodName } from '../citizen/index.ts'

const prefix = 'http://es.minhafp.clave/'

/** The methods that the presence of a requested attribute switches off (clave-saml-profile, 3). */
const switches: ReadonlyMap<string, readonly MethodName[]> = new Map([
  [`${prefix}AFirmaIdP`, ['certificate']],
  [`${prefix}GISSIdP`, ['permanente']],
  [`${prefix}AEATIdP`, ['pin']],
  // Cl@ve Móvil includes the PIN.
  [`${prefix}CLVMOVILIdP`, ['movil', 'pin']],
  // Citizens of other member states have no method here.
  [`${prefix}EIDASIdP`, []],
])

export const excludedBy = (attributeNames: readonly string[]): readonly MethodName[] =>
  attributeNames.flatMap((name) => switches.get(name) ?? [])

/** The attribute whose value is given back as an attribute of the answer. */
export const relayStateAttribute = `${prefix}RelayState`
