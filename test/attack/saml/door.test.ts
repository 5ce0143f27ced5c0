import { X509Certificate } from 'node:crypto'
import { XMLSerializer } from '@xmldom/xmldom'
import t, { type Test } from 'tap'
import { SignedXml } from 'xml-crypto'
import { refusals } from '../../../src/refusal/index.ts'
import type { Page } from '../../oidc/browser.ts'
import { formOf, responseOf, technical, type ReadResponse } from '../../saml/agency.ts'
import { loadDoorCases, loadGenuine } from './corpus.ts'
import { doorScene, type WatchedScene } from './door-scene.ts'
import type { DoorAttack, DoorPass } from './door.ts'

void t.test('at the doors of one service', async (t) => {
  const scene = await doorScene(t)
  const [attacks, genuine] = [await loadDoorCases(), await loadGenuine()]
  for (const pass of genuine) await t.test(`is taken: ${pass.name}`, (t) => isTaken(t, scene, pass))
  for (const attack of attacks) await t.test(`is refused: ${attack.name}`, (t) => isRefused(t, scene, attack))
  t.ok(await scene.isIdentified(), 'who was logged in still is')
  for (const pass of genuine.filter(({ control }) => control))
    await t.test(`is taken still: ${pass.name}`, (t) => isTaken(t, scene, pass))
})

void t.test('names of cases at the doors are unique', async (t) => {
  const names = [...(await loadDoorCases()), ...(await loadGenuine())].map(({ name }) => name)
  t.same(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  )
  t.ok(names.length > 200, String(names.length))
})

async function isTaken(t: Test, scene: WatchedScene, { pass, relayState }: DoorPass): Promise<void> {
  const page = await pass(scene)
  const { status, inResponseTo, fields } = answered(t, scene, page)
  t.match([status, inResponseTo], ['Success', scene.lastId()])
  t.equal(fields['RelayState'], relayState)
  noMarkup(t, page)
}

async function isRefused(t: Test, scene: WatchedScene, { name, attack, refused, told }: DoorAttack): Promise<void> {
  scene.refusedCodes()
  const pages = [await attack(scene)].flat()
  const codes = scene.refusedCodes()
  t.same(
    codes,
    pages.map(() => refused),
  )
  for (const page of pages) {
    if (told === 'page') toldOnPage(t, page, refused)
    else toldToAgency(t, scene, page, refused)
    noMarkup(t, page)
  }
  if (name.includes('logout')) t.ok(await scene.isIdentified(), 'who was logged in still is')
}

function toldOnPage(t: Test, page: Page, refused: DoorAttack['refused']): void {
  const { http, saml } = refusals[refused]
  t.match([page.status, page.location], [http, undefined])
  t.match(technical(page), saml.message)
  t.notMatch(page.body, 'data-at-once', 'nobody is answered')
}

function toldToAgency(t: Test, scene: WatchedScene, page: Page, refused: DoorAttack['refused']): void {
  const { status, sub, message } = refusals[refused].saml
  const answer = answered(t, scene, page)
  t.match(answer, { status, sub, inResponseTo: scene.lastId() })
  t.match(answer.message, message)
  t.equal(answer.root.getElementsByTagNameNS('*', 'Assertion').length, 0)
  if (refused === 'SAML-11-relay-state') t.notOk(answer.fields['RelayState'], 'what is refused is not given back')
}

/** A signed answer at an address of the agency that asked. */
function answered(
  t: Test,
  scene: WatchedScene,
  page: Page,
): ReadResponse & { fields: Readonly<Record<string, string>> } {
  const form = formOf(page)
  const { clave, standard } = scene.agencies
  const theirs = [clave.acs, clave.acs.replace('ReturnPage', 'LogoutPage'), standard.acs, standard.slo]
  t.ok(theirs.includes(form.action), form.action)
  const response = responseOf(
    form,
    form.fields['logoutResponse'] === undefined ? answerField(form.fields) : 'logoutResponse',
  )
  t.equal(response.destination, form.action)
  t.ok(isSignedByUs(scene, response), 'signed')
  return { ...response, fields: form.fields }
}

const answerField = (fields: Readonly<Record<string, string>>) =>
  fields['samlResponseLogout'] === undefined ? 'SAMLResponse' : 'samlResponseLogout'

/** Says xml-crypto, which is not ours. */
function isSignedByUs({ idp }: WatchedScene, { xml, root }: ReadResponse): boolean {
  const certificate = idp.keys.ring().saml[0]?.certificate ?? ''
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'))
  const reader = new SignedXml({ publicCert: publicKey.export({ type: 'spki', format: 'pem' }) })
  const signature = [...root.childNodes].find((child) => child.localName === 'Signature')
  reader.loadSignature(new XMLSerializer().serializeToString(signature!))
  return reader.checkSignature(xml) && reader.getReferences()[0]?.uri === `#${root.getAttribute('ID')}`
}

/** What was sent is shown as text or not at all. */
function noMarkup(t: Test, { body, setCookies, headers }: Page): void {
  t.notMatch(body, '<script>alert')
  t.notMatch(body, /(?:href|action|src)="(?:javascript|data):/)
  t.notMatch(setCookies.join(), 'x=1')
  t.ok(headers['content-security-policy'])
}
