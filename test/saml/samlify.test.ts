import * as samlify from 'samlify'
import t from 'tap'
import { isRefusal } from '../../src/refusal/index.ts'
import { receivePost } from '../../src/saml/inbound.ts'
import { authnRequest, base64, makeKeyPair, signXml } from '../support/saml-signer.ts'

// The reproduction behind docs/adr/0050: when this test fails, samlify has changed, and the decision is to be asked again.

const entityId = 'https://sp.example/metadata'
const acs = 'https://sp.example/acs'

samlify.setSchemaValidator({ validate: () => Promise.resolve('not what is tried here') })

void t.test(
  "samlify's identity provider takes values that nobody signed, and does not see what was asked",
  async (t) => {
    const keys = makeKeyPair()
    const { pem } = keys.certificate
    const service = { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: acs }
    const sp = samlify.ServiceProvider({
      entityID: entityId,
      authnRequestsSigned: true,
      signingCert: pem,
      assertionConsumerService: [service],
    })
    const idp = samlify.IdentityProvider({
      entityID: 'https://idp.example',
      wantAuthnRequestsSigned: true,
      signingCert: pem,
      singleSignOnService: [{ ...service, Location: 'https://idp.example/sso' }],
      singleLogoutService: [{ ...service, Location: 'https://idp.example/slo' }],
    })
    const read = async (xml: string) =>
      (await idp.parseLoginRequest(sp, 'post', { body: { SAMLRequest: base64(xml) } })).extract as Readonly<
        Record<string, unknown>
      >
    const genuine = signXml(authnRequest({ issuer: entityId, acsUrl: acs, forceAuthn: 'true' }), {
      ...keys,
      algorithm: 'rsa-sha256',
      digest: 'sha256',
    })
    const seen = await read(genuine)
    t.notMatch(JSON.stringify({ ...seen, signature: '' }), /LoA|ForceAuthn/i, 'neither the level asked nor ForceAuthn')

    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(genuine)?.[0] ?? ''
    const evil =
      '<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"' +
      ' ID="_evil" Version="2.0" IssueInstant="2026-01-10T09:00:00Z" AssertionConsumerServiceURL="https://evil.example/acs">' +
      `<saml2:Issuer>${entityId}</saml2:Issuer>${signature}` +
      `<saml2p:Extensions>${genuine.replace(signature, '')}</saml2p:Extensions></saml2p:AuthnRequest>`
    t.match(await read(evil), { request: { id: '_evil', assertionConsumerServiceUrl: 'https://evil.example/acs' } })

    const received = receivePost(base64(evil), ['AuthnRequest'])
    const ours = isRefusal(received) ? received : received.verify([keys.certificate], new Date())
    t.match(ours, { refused: 'SAML-04-signature' }, 'ours refuses it')
  },
)
