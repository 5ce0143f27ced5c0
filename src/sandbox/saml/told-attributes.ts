import { attributeOf, type XmlElement } from '../../platform/index.ts'
import { ns } from '../../saml/index.ts'

/** One attribute of an assertion, with what a strict peer objects to in it. */
export interface ToldAttribute {
  readonly friendlyName: string
  readonly name: string
  readonly type: string
  readonly value: string
  /** In English; absent: exact. */
  readonly fault?: string
}

const natural = 'http://eidas.europa.eu/attributes/naturalperson/'
const clave = 'http://es.minhafp.clave/'
type Exact = readonly [name: string, type: string]

/** Peers find attributes by both names, letter by letter (clave-saml-profile, 4). */
const exact: Readonly<Record<string, Exact>> = {
  FamilyName: [`${natural}CurrentFamilyName`, 'eidas-natural:CurrentFamilyNameType'],
  FirstName: [`${natural}CurrentGivenName`, 'eidas-natural:CurrentGivenNameType'],
  PersonIdentifier: [`${natural}PersonIdentifier`, 'eidas-natural:PersonIdentifierType'],
  FirstSurname: [`${clave}FirstSurname`, 'xs:string'],
  SelectedIdP: [`${clave}SelectedIdP`, 'xs:string'],
  PartialAfirma: [`${clave}PartialAfirma`, 'xs:string'],
  RelayState: [`${clave}RelayState`, 'xs:string'],
  RegistrationLevel: [`${clave}RegisterType`, 'xs:string'],
}
const needed = ['FamilyName', 'FirstName', 'PersonIdentifier', 'FirstSurname', 'SelectedIdP']

/** @param gateway whether it is an answer of the gateway's profile; on the standard face names are the agency's choice. */
export function toldAttributes(assertion: XmlElement, gateway: boolean): readonly ToldAttribute[] {
  const statements = assertion.children.filter(({ name }) => name === 'AttributeStatement')
  return statements
    .flatMap(({ children }) => children)
    .map((attribute) => {
      const value = attribute.children.find(({ name }) => name === 'AttributeValue')
      const type = value?.attributes.find(({ namespace, name }) => name === 'type' && namespace === ns.instance)?.value
      const told = {
        friendlyName: attributeOf(attribute, 'FriendlyName') ?? '',
        name: attributeOf(attribute, 'Name') ?? '',
        type: type ?? '',
        value: value?.text ?? '',
      }
      const fault = gateway ? faultOf(told) : undefined
      return fault === undefined ? told : { ...told, fault }
    })
}

function faultOf({ friendlyName, name, type }: ToldAttribute): string | undefined {
  const [rightName, rightType] = exact[friendlyName] ?? []
  if (rightName === undefined) return 'no FriendlyName of the profile'
  if (name !== rightName) return `Name has to be ${rightName}`
  return type === rightType ? undefined : `xsi:type has to be ${rightType}`
}

/** Those of the fixed set that are not there. */
export const missingAttributes = (told: readonly ToldAttribute[]): readonly string[] =>
  needed.filter((name) => !told.some(({ friendlyName }) => friendlyName === name))
