import type push from '../../../locales/es/push.json'
import type { Translate } from '../../platform/index.ts'
import type { PushText } from '../port.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    push: typeof push
  }
}

/**
 * What the app's service worker shows: JSON of `kind`, `title`, `body` and `url`. It stands on a locked screen for
 * everybody to see, so it says only that the app has something to show: no person, no agency, no code.
 */
export function pushText(t: Translate, { kind }: PushText): string {
  return JSON.stringify({ kind, title: t(`push:${kind}.title`), body: t(`push:${kind}.body`), url: '/app' })
}
