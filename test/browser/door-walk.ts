import type { Page } from 'playwright-core'
import type { TextDetails, TextKey } from '../../src/platform/index.ts'
import type { RefusalCode } from '../../src/refusal/index.ts'
import type { MortalScene } from '../registration/mortal-scene.ts'
import { codeOf } from '../registration/scene.ts'
import { wrong } from './journey.ts'

export interface Walk {
  readonly s: MortalScene
  readonly page: Page
  say(key: TextKey, details?: TextDetails): string
  go(path: string): Promise<void>
  /** Fills fields in and presses the button of the form. */
  fill(fields: Readonly<Record<string, string>>, button?: TextKey): Promise<void>
  press(key: TextKey): Promise<void>
}

export interface State {
  readonly name: string
  go(w: Walk): Promise<void>
  /** What is said: the refusal's title as a heading, or a text among the problems. */
  readonly title?: TextKey
  readonly says?: TextKey
}

export const title = (code: RefusalCode): TextKey => `refusal:${code}.title`
export const body = (code: RefusalCode): TextKey => `refusal:${code}.body`

let people = 0
/** The number of somebody whom no other state has met. */
export const nextPerson = (): number => ++people

export const wrongCode = (w: Walk): string => wrong(codeOf(w.s.sms.at(-1)))
