import { Type, type TSchema } from 'typebox'

const only = { additionalProperties: false }
const instant = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-22T10:05:00.000Z'] })
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
/** Base64url without padding. */
const base64url = (description: string, maxLength: number) =>
  Type.String({ pattern: '^[\\w-]+$', maxLength, description })
const word = (typ: string, what: string) =>
  Type.String({ maxLength: 4096, description: `Word of the kind \`${typ}\`: ${what}.` })

/** 256 random bits, as `beginActivation` names an activation. */
const activation = Type.String({
  pattern: '^[\\w-]{43}$',
  description: 'Names the activation; whoever has it may type the code.',
  examples: ['Q2h4TzZ5RjZtV0FhN0tCd1d6Z0F2cUQ1dXJOY1lYbVA'],
})
const code = Type.String({ maxLength: 100, description: 'Six digits, as typed.', examples: ['204 517'] })
const lastDigits = Type.String({ description: 'Last three digits of the mobile phone.', examples: ['001'] })

const jwk = Type.Object(
  {
    kty: Type.Literal('EC'),
    crv: Type.Literal('P-256'),
    x: Type.String({ pattern: '^[\\w-]{43}$' }),
    y: Type.String({ pattern: '^[\\w-]{43}$' }),
  },
  {
    ...only,
    description: 'Public key (RFC 7517), these four members and no other.',
    examples: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
  },
)

// As the phone's browser writes it: more members than these are none of our business.
const credential = (title: string) =>
  Type.Object(
    {
      id: Type.String({ maxLength: 1500 }),
      rawId: Type.String({ maxLength: 1500 }),
      type: Type.Literal('public-key'),
      response: Type.Object({ clientDataJSON: Type.String({ maxLength: 4096 }) }, { additionalProperties: true }),
    },
    { additionalProperties: true, title },
  )
const assertion = credential('AuthenticationResponseJSON (WebAuthn)')

export const bodies = {
  activation: Type.Object(
    {
      document: Type.String({ maxLength: 100, description: 'DNI or NIE, as typed.', examples: ['99999999R'] }),
      contrast: Type.String({
        maxLength: 100,
        description: 'DNI: its validity date; a permanent one: its issue date. NIE: the support number. As typed.',
        examples: ['30/06/2031', 'E00012345'],
      }),
    },
    only,
  ),
  activationCode: Type.Object({ activation }, only),
  activationConfirm: Type.Object(
    {
      activation,
      code,
      key: jwk,
      name: Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'The kind of phone, as its owner recognises it; 60 characters are kept.',
        examples: ['Android, Chrome'],
      }),
      proof: word('clave-movil-activation+jwt', 'proves that the key is the phone’s own'),
    },
    only,
  ),
  unlock: Type.Object({ credential: credential('RegistrationResponseJSON (WebAuthn)') }, only),
  scan: Type.Object(
    {
      token: Type.String({
        maxLength: 200,
        description: 'What follows the # of the address in the QR.',
        examples: ['c2VzaW9uLWRlLXBydWViYQ.x3k2a1.YWJjZGVmZ2hpamtsbW5vcA'],
      }),
    },
    only,
  ),
  decide: Type.Object(
    {
      request: Type.String({ maxLength: 100, description: '`id` of the request.' }),
      jws: word('clave-movil-decision+jwt', 'the decision'),
      assertion: Type.Optional(assertion),
    },
    only,
  ),
  subscription: Type.Object(
    {
      endpoint: Type.String({
        maxLength: 2048,
        description: 'Address of the push service; one that the server sends to (PUSH_HOSTS).',
        examples: ['https://fcm.googleapis.com/fcm/send/dR4tUxEhGnE'],
      }),
      expirationTime: Type.Optional(nullable(Type.Number())),
      keys: Type.Object(
        { p256dh: base64url('P-256 point, uncompressed.', 100), auth: base64url('16 octets.', 30) },
        only,
      ),
    },
    { ...only, description: 'As `JSON.stringify(subscription)` gives it in a browser (W3C Push API).' },
  ),
  pin: Type.Object({ word: word('clave-movil-pin+jwt', 'asks for the PIN'), assertion }, only),
}

const request = Type.Object(
  {
    id: Type.String({ examples: ['kL0hZzT2cTg9Qh2b8cVd3w'] }),
    path: Type.Union([Type.Literal('qr'), Type.Literal('document'), Type.Literal('same')], {
      description: '`same`: the browser that logs in is on this phone.',
    }),
    agency: Type.String({ description: 'Who asks.', examples: ['Agencia Tributaria'] }),
    application: Type.Optional(Type.String({ description: 'What for, where the agency says it.' })),
    host: Type.String({ description: 'The genuine host, to be shown.', examples: ['clave.example'] }),
    place: Type.Object(
      {
        address: Type.String({ description: 'Network address of the browser that logs in.', examples: ['192.0.2.1'] }),
        browser: Type.String({
          description: 'Its kind; empty where it cannot be told.',
          examples: ['Firefox, Windows'],
        }),
        elsewhere: Type.Boolean({ description: 'It is in another network than this phone: warn.' }),
      },
      only,
    ),
    code: Type.Optional(
      Type.String({ description: 'To be compared; absent where the citizen types it.', examples: ['204517'] }),
    ),
    relyingParty: Type.String({ description: 'For the word: `rp`.', examples: ['aeat'] }),
    level: Type.String({ description: 'For the word.', examples: ['low substantial high'] }),
    nonce: Type.String({ description: 'For the word.', examples: ['Jt0fS2a9Kq1xYw5c8vRb0A'] }),
    expires: instant('From then on it cannot be decided.'),
  },
  { ...only, title: 'Request' },
)

const begun = Type.Object(
  { activation, phone: lastDigits, until: instant('From then on the code is dead.') },
  { ...only, title: 'ActivationBegun' },
)

export const answers = {
  begun,
  request,
  activated: Type.Object(
    {
      device: Type.String({
        description: 'The phone’s id: `kid` of all its words from now on.',
        examples: ['2f1c9a52-7a44-4e0b-9d7c-0d1f3f1f7a10'],
      }),
      former: Type.Boolean({ description: 'Another phone lost Cl@ve Móvil by it.' }),
    },
    { ...only, title: 'Activated' },
  ),
  phone: Type.Object(
    {
      device: Type.String({ examples: ['2f1c9a52-7a44-4e0b-9d7c-0d1f3f1f7a10'] }),
      name: Type.String({ examples: ['Android, Chrome'] }),
      activated: instant('Since when.'),
      unlock: Type.Boolean({ description: 'It proves its own unlock; otherwise it reaches the level low only.' }),
      mustScan: Type.Boolean({ description: 'After two denials in a row a request reaches it by scanning only.' }),
      person: Type.Object(
        {
          name: Type.String({ examples: ['Carmen Prueba Ficticia'] }),
          document: Type.String({ description: 'Part of it hidden.', examples: ['···999R'] }),
          phone: nullable(lastDigits),
          email: nullable(Type.String({ description: 'Part of it hidden.', examples: ['c···@correo.example'] })),
          level: Type.Union([Type.Literal('basic'), Type.Literal('advanced')]),
        },
        only,
      ),
    },
    { ...only, title: 'Phone' },
  ),
  unlock: Type.Object(
    { challenge: Type.String() },
    { additionalProperties: true, title: 'PublicKeyCredentialCreationOptionsJSON (WebAuthn)' },
  ),
  decided: Type.Object(
    {
      decision: Type.Union([Type.Literal('approve'), Type.Literal('deny'), Type.Literal('report')]),
      back: Type.Optional(
        Type.String({
          description: 'Path of the login’s page, where the browser that logs in is on this phone.',
          examples: ['/login/3n2kQ1'],
        }),
      ),
    },
    { ...only, title: 'Decided' },
  ),
  pin: Type.Object(
    {
      pin: Type.String({ examples: ['204517'] }),
      agency: Type.String({ description: 'Who asks for it.', examples: ['Agencia Tributaria'] }),
      until: instant('From then on it is dead.'),
    },
    { ...only, title: 'Pin' },
  ),
  pushKey: Type.Object(
    {
      key: Type.String({
        description: 'applicationServerKey: uncompressed P-256 point, base64url.',
        examples: ['BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8'],
      }),
    },
    { ...only, title: 'PushKey' },
  ),
  problem: Type.Object(
    {
      type: Type.String({
        description: '`urn:clave:refusal:<code>` where a rule refuses; else `about:blank`.',
        examples: ['urn:clave:refusal:MOVIL-10-device-unknown'],
      }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.Optional(Type.String({ description: 'For the citizen, in the language of Accept-Language.' })),
      field: Type.Optional(Type.String({ description: 'What is to be mended.', examples: ['document'] })),
    },
    { ...only, title: 'Problem', description: 'RFC 9457.' },
  ),
}
