import { call, type Answer } from '../api.ts'
import { island, say } from '../island.ts'
import { namePhone } from '../name-phone.ts'
import { keepPhone } from '../phone-store.ts'
import { startLive } from '../requests.ts'
import { show, showFaults, tell, type Fault, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import { activationWord, makeKey } from '../words.ts'
import { showProblem, showTrouble } from './trouble.ts'
import { showUnlock } from './unlock-screen.ts'

interface Begun {
  readonly activation: string
  readonly phone: string
  /** ISO 8601. */
  readonly until: string
}

const locale = island.locale

/** Document and contrast. */
export function showActivate(): void {
  const screen = show('activate', {}, state.phone && !state.ended ? ['again'] : [])
  const typed = () => valuesOf(screen, ['document', 'contrast'] as const)
  const fit = () => fitContrast(screen, typed().document)
  screen.root.querySelector('#document')?.addEventListener('input', fit)
  fit()
  screen.on('send', async () => {
    const values = typed()
    const empty = emptyFields(values)
    if (empty.length > 0) return showFaults(screen, empty)
    const answer = await call<Begun>({ method: 'POST', path: '/activation', body: values, locale })
    if (!screen.shown()) return
    if (answer.ok) return showCode(answer.body)
    const { problem } = answer
    if (problem.field !== undefined || mendable.test(problem.code))
      showProblem(screen, problem, ['document', 'contrast'])
    else showTrouble(problem, problem.code === 'offline' ? showActivate : undefined)
  })
}

/** Whoever typed it wrong, or must wait, stays where it was typed. */
const mendable = /^(CITIZEN-0[12]|CODE-03|RATE|offline)/

function emptyFields({ document, contrast }: Readonly<Record<'document' | 'contrast', string>>): Fault[] {
  const kind = kindOf(document)
  return [
    ...(document.trim() === '' ? [{ field: 'document', text: say('documentEmpty') }] : []),
    ...(contrast.trim() === '' ? [{ field: 'contrast', text: say(`contrastEmpty.${kind}`) }] : []),
  ]
}

/** By its first character, as far as it was typed: a NIE begins with X, Y or Z. */
const kindOf = (document: string): 'dni' | 'nie' | 'any' =>
  /^\W*[xyz]/i.test(document) ? 'nie' : /^\W*\d/.test(document) ? 'dni' : 'any'

/** Asks for what stands on this kind of document. */
function fitContrast({ root }: Screen, document: string): void {
  const kind = kindOf(document)
  for (const text of root.querySelectorAll<HTMLElement>('[data-kind]'))
    text.hidden = !(text.dataset['kind'] ?? '').split(' ').includes(kind)
}

function showCode(begun: Begun, again = false): void {
  const until = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(begun.until))
  const screen = show('code', { phone: begun.phone, until }, again ? ['again'] : [])
  screen.on('confirm', () => confirm(screen, begun))
  screen.on('another', async () => {
    const { activation } = begun
    const answer = await call<Begun>({ method: 'POST', path: '/activation/code', body: { activation }, locale })
    if (!screen.shown()) return
    if (answer.ok) showCode(answer.body, true)
    else showProblem(screen, answer.problem)
  })
  screen.on('change', showActivate)
}

interface Confirmed {
  readonly device: string
  readonly former: boolean
}

async function confirm(screen: Screen, { activation }: Begun): Promise<void> {
  const code = valuesOf(screen, ['code'] as const).code.replace(/\D/g, '')
  if (code.length !== 6) return showFaults(screen, [{ field: 'code', text: say('codeForm') }])
  const { baseUrl } = island
  const { key, jwk } = await makeKey()
  // Kept before it is known to the server: a phone that cannot keep its key is not activated.
  const coming = { device: undefined, key, credential: undefined, baseUrl, notifications: undefined }
  if (!state.phone) await keepPhone(coming)
  const proof = await activationWord(key, baseUrl, activation)
  const body = { activation, code, key: jwk, name: namePhone(navigator.userAgent), proof }
  const answer: Answer<Confirmed> = await call({ method: 'POST', path: '/activation/confirm', body, locale })
  if (!answer.ok) return answerWrong(screen, answer.problem)
  const { device, former } = answer.body
  state.phone = { ...coming, device }
  state.ended = false
  state.about = undefined
  await keepPhone(state.phone)
  // The browser is not to throw the key away when it wants room.
  await navigator.storage?.persist?.()
  startLive(state.phone)
  tell(say('activated'))
  await showUnlock({ former })
}

function answerWrong(screen: Screen, problem: Parameters<typeof showProblem>[1]): void {
  const onField = /^CODE-0/.test(problem.code) ? { ...problem, field: 'code' } : problem
  if (onField.field === 'code' || problem.code === 'offline' || problem.code.startsWith('MOVIL')) {
    showProblem(screen, onField, ['code'])
  } else showTrouble(problem)
}

function valuesOf<Name extends string>({ root }: Screen, names: readonly Name[]): Record<Name, string> {
  const value = (name: string) => root.querySelector<HTMLInputElement>(`#${name}`)?.value ?? ''
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, string>
}
