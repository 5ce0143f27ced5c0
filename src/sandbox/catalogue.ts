import type { CitizenName, Contrast, DocumentKind, RegistrationChannel, RegistrationLevel } from '../citizen/index.ts'
import type { Domicile } from '../civil-register/index.ts'

/** The password of every test citizen who has one. */
export const sandboxPassword = 'Clave-Sandbox-2026'

/** One invented person (sandbox.md, "Test citizens"). Nobody of these is or was. */
export interface TestCitizen {
  /** The citizen's id, for those who are or were registered; the same in every sandbox. */
  readonly id: string
  readonly document: string
  readonly kind: DocumentKind
  readonly contrast: Contrast
  readonly name: CitizenName
  /** Of those who are not registered: what they may register with. Absent: lost. */
  readonly phone: string | undefined
  readonly email: string
  readonly registration: { readonly level: RegistrationLevel; readonly channel: RegistrationChannel } | undefined
  /** Whole years, on the day the catalogue is put in. */
  readonly age: number
  readonly domicile: Domicile
  readonly renounced: boolean
  readonly deceased: boolean
  readonly permanente: 'active' | 'blocked' | undefined
  /** Has Cl@ve Móvil on the sandbox's own phone. */
  readonly movil?: true
  /** The account that the Tax Agency knows, and the code of an invitation letter that is alive. */
  readonly iban?: string
  readonly csv?: string
  /** Opens Cl@ve Permanente, once; of those who have no password that works. */
  readonly activationCode?: string
  /** Has a record of PIN 24 horas, not migrated: what opens the Tax Agency's own old login. */
  readonly pin24h?: string
  /** The Tax Agency knows the e-mail address. */
  readonly emailKnown?: boolean
}

const dni = (date: string): Pick<TestCitizen, 'kind' | 'contrast'> => ({
  kind: 'dni',
  contrast: { kind: 'valid-until', date },
})
const permanentDni = (date: string): Pick<TestCitizen, 'kind' | 'contrast'> => ({
  kind: 'dni',
  contrast: { kind: 'issued', date },
})
const nie = (number: string): Pick<TestCitizen, 'kind' | 'contrast'> => ({
  kind: 'nie',
  contrast: { kind: 'support', number },
})

const named = (given: string, firstSurname: string, secondSurname?: string): CitizenName => ({
  given,
  firstSurname,
  secondSurname,
})
const at = (street: string, postalCode: string, town: string, province = town): Domicile => ({
  street,
  postalCode,
  town,
  province,
})

const basic = (channel: RegistrationChannel) => ({ level: 'basic', channel }) as const
const advanced = (channel: RegistrationChannel) => ({ level: 'advanced', channel }) as const

type Row = Pick<TestCitizen, 'document' | 'kind' | 'contrast' | 'name' | 'age' | 'domicile'> & Partial<TestCitizen>

const rows: readonly Row[] = [
  {
    document: '99999999R',
    ...dni('2031-06-30'),
    name: named('CARMEN', 'PRUEBA', 'FICTICIA'),
    age: 42,
    domicile: at('Calle Inventada 1', '28000', 'Madrid'),
    registration: advanced('in_person'),
    permanente: 'active',
    movil: true,
  },
  {
    document: '99999998T',
    ...dni('2030-01-15'),
    name: named('JOSÉ LUIS', 'MUÑOZ', 'PEÑA'),
    age: 57,
    domicile: at('Calle Inventada 2', '41000', 'Sevilla'),
    registration: basic('letter'),
    permanente: 'active',
  },
  {
    document: '99999997E',
    ...permanentDni('1998-03-02'),
    name: named('MARIA DEL PILAR', 'DE LA FUENTE', "Y O'DONNELL-NÚÑEZ"),
    // Of a range that the French regulator keeps for fiction.
    phone: '+33639980001',
    age: 90,
    domicile: at('Calle Inventada 3', '50000', 'Zaragoza'),
    registration: basic('video'),
    activationCode: '7KQ2M9XR4T',
  },
  {
    document: 'X9999999J',
    ...nie('E00012345'),
    name: named('WEI', 'ZHANG'),
    age: 33,
    domicile: at('Calle Inventada 4', '46000', 'Valencia'),
    registration: advanced('certificate'),
    activationCode: 'W3N8D5ZH6B',
    movil: true,
  },
  {
    document: 'Y9999999G',
    ...nie('C09999999'),
    name: named('SOFIA', 'ROSSI', 'BIANCHI'),
    age: 29,
    domicile: at('Calle Inventada 5', '08000', 'Barcelona'),
    registration: basic('video'),
    activationCode: 'S9F4R1CT7V',
  },
  {
    document: '99999996K',
    ...dni('2019-05-05'),
    name: named('ANTONI', 'CAL·LÍS', 'FERRÀ'),
    age: 61,
    domicile: at('Carrer Inventat 6', '07000', 'Palma', 'Illes Balears'),
  },
  {
    document: '99999995C',
    ...dni('2032-02-28'),
    name: named('NEREA', 'ETXEBERRIA', 'AGIRRE'),
    age: 36,
    domicile: at('Asmatutako kalea 7', '48000', 'Bilbao', 'Bizkaia'),
    // The example of the Spanish format that the registry of IBANs shows.
    iban: 'ES9121000418450200051332',
    emailKnown: true,
  },
  {
    document: '99999994L',
    ...dni('2029-11-11'),
    name: named('BREIXO', 'FIGUEIRAS', 'OUTÓN'),
    age: 48,
    domicile: at('Rúa Inventada 8', '15000', 'A Coruña'),
    csv: 'K7MQ2W9XR4TB6HZ3',
    emailKnown: true,
  },
  {
    document: '99999993H',
    ...dni('2033-07-07'),
    name: named('LUCÍA', 'MENOR', 'DE EDAD'),
    age: 12,
    domicile: at('Calle Inventada 9', '30000', 'Murcia'),
  },
  {
    document: '99999992V',
    ...dni('2028-08-08'),
    name: named('DOLORES', 'DIFUNTA', 'PRUEBA'),
    age: 81,
    domicile: at('Calle Inventada 10', '33000', 'Oviedo', 'Asturias'),
    registration: advanced('in_person'),
    deceased: true,
  },
  {
    document: '99999991Q',
    ...dni('2031-03-03'),
    name: named('PABLO', 'BLOQUEADO', 'PRUEBA'),
    age: 39,
    domicile: at('Calle Inventada 11', '47000', 'Valladolid'),
    registration: advanced('in_person'),
    permanente: 'blocked',
    activationCode: 'B5Q8C2WX7J',
  },
  {
    document: '99999990S',
    ...dni('2030-10-10'),
    name: named('ELENA', 'RENUNCIA', 'PRUEBA'),
    age: 52,
    domicile: at('Calle Inventada 12', '06000', 'Badajoz'),
    renounced: true,
  },
  {
    document: '99999989Z',
    ...dni('2027-04-04'),
    name: named('TOMÁS', 'VEINTICUATRO', 'HORAS'),
    age: 66,
    domicile: at('Calle Inventada 13', '39000', 'Santander', 'Cantabria'),
    pin24h: '240013',
  },
  {
    document: '99999988J',
    ...dni('2034-09-09'),
    name: named('ADMINISTRADORA', 'ÚNICA', 'PRUEBA'),
    age: 45,
    domicile: at('Calle Inventada 14', '26000', 'Logroño', 'La Rioja'),
    registration: advanced('in_person'),
    activationCode: 'A2M7N5PQ8E',
  },
  {
    document: '99999987N',
    ...dni('2030-12-31'),
    name: named('DAVID', 'ORTIZ', 'OSCAR'),
    phone: undefined,
    age: 31,
    domicile: at('Calle Inventada 15', '31000', 'Pamplona', 'Navarra'),
    registration: advanced('in_person'),
    activationCode: 'D6R3T9GZ1K',
  },
  {
    document: 'Z9999999H',
    ...nie('E87654321'),
    name: named('OLENA', 'SHEVCHENKO'),
    age: 27,
    domicile: at('Calle Inventada 16', '35000', 'Las Palmas de Gran Canaria', 'Las Palmas'),
  },
]

/** Every test citizen with every secret that a test needs. Phones are of a range that nobody is given out of. */
export const catalogue: readonly TestCitizen[] = rows.map((row, index) => {
  const number = String(index + 1).padStart(2, '0')
  return {
    id: `99999999-0000-4000-8000-0000000000${number}`,
    phone: `+346000000${number}`,
    email: `${row.document.toLowerCase()}@citizens.example`,
    registration: undefined,
    renounced: false,
    deceased: false,
    permanente: undefined,
    ...row,
  }
})

/** The contrast as it is typed into the form: 2031-06-30, E00012345. */
export const typedContrast = ({ contrast }: Pick<TestCitizen, 'contrast'>): string =>
  contrast.kind === 'support' ? contrast.number : contrast.date
