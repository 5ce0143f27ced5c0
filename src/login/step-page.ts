import type { TSchema } from 'typebox'
import type { AnyStep, Login, Method, News, Problem, StepAnswer } from '../authentication/index.ts'
import { isRefusal, refusalRow, type Refusal } from '../refusal/index.ts'
import { isLinked } from './choose-page.ts'
import { usableMethods } from './judge.ts'
import type { Answer, Page, Turn } from './page.ts'
import type { LoginParts } from './parts.ts'
import type { LoginRecord, Tried } from './record.ts'
import { settleLogin } from './settle-login.ts'

/** The page of one step of a method: the method says what is shown and what a form leads to, the engine carries it out. */
export function stepPage(parts: LoginParts, method: Method, step: AnyStep): Page {
  return {
    name: step.name,
    path: step.path,
    template: step.template,
    stencil: step.stencil === true,
    when: 'here',
    // The tile of a method is a link to its first page: only the form there moves the login.
    ...(step === method.steps[0] && { from: (login: LoginRecord) => isLinked(parts, login, method) }),
    leadsTo: [...method.steps.map(({ name }) => name), ...(step.leadsTo ?? []), 'refused', 'done'],
    form: step.form as TSchema,
    ...(step.news && { news: newsOf(parts, step.news) }),
    show: async (turn) => ({ model: await step.show(loginOf(parts, turn), dataOf(turn)) }),
    submit: async (turn, form) => {
      const answer = await step.submit(loginOf(parts, turn), dataOf(turn), form)
      if ('proven' in answer) {
        const settled = settleLogin(parts, turn.login, turn.visit, method, answer.proven)
        const tried = { method: method.name, citizen: answer.proven.citizen }
        return isRefusal(settled) ? refusedWith(settled, tried) : settled
      }
      return answerTo(method, step, answer)
    },
  }
}

const newsOf = (parts: LoginParts, news: News): NonNullable<Page['news']> => ({
  ask: (turn) => news.ask(loginOf(parts, turn), dataOf(turn)),
  follow: (turn, tell) => news.follow(loginOf(parts, turn), dataOf(turn), tell),
})

function answerTo(method: Method, step: AnyStep, answer: Exclude<StepAnswer, { proven: unknown }>): Answer {
  if ('next' in answer) return { to: { page: 'step', step: answer.next, data: answer.data } }
  if ('moved' in answer) return answer
  if (isRefusal(answer)) return refusedWith(answer, { method: method.name })
  const { data, ...again } = answer
  return data === undefined ? again : { ...again, at: { page: 'step', step: step.name, data } }
}

/** A refusal that ends the login gets a page of its own; another one is said on the page where it came up. */
function refusedWith(answer: Refusal, tried: Tried): Answer {
  const { ends, http } = refusalRow(answer.refused)
  if (ends === 'agency') return { to: { page: 'refused', refusal: answer, tried } }
  return { again: problemsOf(answer), status: http }
}

/** What happened and what to do now, in the texts of the refusal. */
function problemsOf({ refused, details }: Refusal): readonly Problem[] {
  return ['body', 'remedy'].map((part) => ({
    field: '',
    text: `refusal:${refused}.${part}`,
    ...(details && { details }),
  }))
}

/** What the login remembers of the page where it stands. */
export const dataOf = ({ login: { at } }: Turn): unknown => (at.page === 'step' ? at.data : undefined)

/** What a method may know of the login. */
export function loginOf({ methods }: LoginParts, { login, visit, locale }: Turn): Login {
  const { relyingParty, application, asked, hint } = login.request
  return {
    id: login.id,
    relyingParty: { id: relyingParty, name: login.relyingParty.name },
    asked,
    locale,
    browser: login.browser,
    address: visit.address,
    expires: new Date(login.expires),
    methods: usableMethods(methods, login.request).map(({ name }) => name),
    ...(application === undefined ? {} : { application }),
    ...(visit.agent === undefined ? {} : { agent: visit.agent }),
    ...(hint === undefined ? {} : { hint }),
  }
}
