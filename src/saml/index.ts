import type saml from '../../locales/es/saml.json'
import type { Session } from '../login/index.ts'
import type { App } from '../platform/index.ts'
import { keepFarewell, leavingFrom, newFarewell } from './farewell.ts'
import type { SamlParts } from './parts.ts'
import { logoutPath } from './paths.ts'
import { mountSaml } from './routes.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    saml: typeof saml
  }
}

export type { SamlParts } from './parts.ts'

// What the sandbox's page that explains a message step by step reads it with: the very rules of the doors.
export { excludedBy } from './exclusions.ts'
export { inboundLimits } from './inbound-octets.ts'
export { receivePost, receiveRedirect, type Received } from './inbound.ts'
export { candidatesFor, logoutFields } from './logout-door.ts'
export { checkMessage, checkRelayState } from './message-rules.ts'
export type { AuthnRequest, InboundMessage, LogoutRequest, MessageKind } from './messages.ts'
export { ns } from './names.ts'
export { doors } from './paths.ts'
export { readLogin } from './read-login.ts'
export { readMessage } from './read-message.ts'
export { acsOf, logoutReturnOf } from './return-address.ts'
export { findSender, senderName, splitProviderName, type Face } from './sender.ts'
export { verifyFrom } from './verify.ts'

/** The SAML faces: the real gateway's profile at /Proxy2, and SAML 2.0 at /saml. */
export interface Saml {
  routes(app: App): void
  /**
   * For a session that another protocol ended in this browser (the digest of its cookie): the address at which the browser tells the SAML agencies of it, one after
   * another, and which leads to `then` in the end; `then` itself where there is none to tell.
   */
  sayGoodbye(left: Session, browser: string, then: string): Promise<string>
}

export function makeSaml(parts: SamlParts): Saml {
  return {
    routes: (app) => mountSaml(app, parts),
    async sayGoodbye(left, browser, then) {
      const farewell = leavingFrom(newFarewell({ by: 'other', then }), browser, left)
      return farewell.left.length === 0 ? then : logoutPath(await keepFarewell(parts, farewell))
    },
  }
}
