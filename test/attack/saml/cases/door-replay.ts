import type { Page } from '../../../oidc/browser.ts'
import { base64, deflated } from '../../../support/saml-signer.ts'
import { withoutSignature } from '../attack.ts'
import { redirectQuery } from '../../../support/saml-signer.ts'
import {
  faces,
  form,
  loginDoors,
  logoutDoors,
  toAgency,
  type DoorAttack,
  type DoorScene,
  type Face,
  type Fields,
} from '../door.ts'

/** Each message passes once: over bindings, browsers and instances, and whatever the ephemeral store has forgotten. */

const again = (
  name: string,
  face: Face,
  attack: (scene: DoorScene, xml: string) => ReturnType<DoorAttack['attack']>,
): DoorAttack => ({
  ...toAgency('SAML-19-replayed'),
  name: `${face} login, used before: ${name}`,
  attack: (scene) => attack(scene, scene.request(face)),
})

/** All but the one that passed. */
function refusedOf(pages: readonly Page[]): readonly Page[] {
  const refused = pages.filter(({ status }) => status !== 303)
  if (refused.length !== pages.length - 1) throw new Error(`${pages.length - refused.length} passed; one should have`)
  return refused
}

/** On both instances at once, three times each. */
const atOnce = async ({ idp, other }: DoorScene, door: string, fields: Fields) =>
  refusedOf(
    await Promise.all([idp, other, idp, other, idp, other].map((one) => one.browser().postRaw(door, form(fields)))),
  )

const logins = faces.flatMap((face) => {
  const door = loginDoors[face]
  const asks = (xml: string, more: Fields = {}) => ({ SAMLRequest: base64(xml), ...more })
  return [
    again('by the same browser', face, async ({ post }, xml) => {
      await post(door, asks(xml))
      return post(door, asks(xml))
    }),
    again('by another browser, with another RelayState', face, async ({ idp, post }, xml) => {
      await idp.browser().postRaw(door, form(asks(xml)))
      return post(door, asks(xml, { RelayState: 'evil' }))
    }),
    again('deflated this time', face, async ({ post }, xml) => {
      await post(door, asks(xml))
      return post(door, { SAMLRequest: deflated(xml) })
    }),
    again('by redirect this time', face, async ({ agencies, post, open }, xml) => {
      await post(door, asks(xml))
      return open(door, redirectQuery(withoutSignature(xml), { key: agencies[face].keys.key }))
    }),
    again('after the login was answered', face, async ({ login, post }, xml) => {
      await login(face, (browser) => browser.postRaw(door, form(asks(xml))))
      return post(door, asks(xml))
    }),
    again('on two instances at once', face, (scene, xml) => atOnce(scene, door, asks(xml))),
    again('after the store was flushed', face, async ({ post, flush }, xml) => {
      await post(door, asks(xml))
      await flush()
      return post(door, asks(xml))
    }),
  ]
})

const logouts = faces.flatMap((face): DoorAttack[] => {
  const door = logoutDoors[face]
  const field = face === 'clave' ? 'logoutRequest' : 'SAMLRequest'
  // Of nobody who is logged in, so that what passes ends nothing.
  const leaves = (scene: DoorScene) => base64(scene.leaving(face, { nameId: '00000000T', sessionIndexes: [] }))
  const told = toAgency('SAML-19-replayed')
  return [
    {
      ...told,
      name: `${face} logout, used before`,
      attack: async (scene) => {
        const message = leaves(scene)
        await scene.idp.browser().postRaw(door, form({ [field]: message }))
        return scene.post(door, { [field === 'SAMLRequest' ? field : 'samlRequestLogout']: message })
      },
    },
    {
      ...told,
      name: `${face} logout, used before: on two instances at once`,
      attack: (scene) => atOnce(scene, door, { [field]: leaves(scene) }),
    },
  ]
})

export const doorCases: readonly DoorAttack[] = [...logins, ...logouts]
