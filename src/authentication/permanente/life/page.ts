import type {
  JourneyAnswer,
  JourneyPage,
  JourneyTurn,
  StartAnswer,
  StartPage,
  StartTurn,
} from '../../../platform/index.ts'
import type { Login } from '../../method.ts'
import { loginOf, type At } from './journey.ts'
import type { Caller } from './parts.ts'

export type Turn = JourneyTurn<At>
export type Page = JourneyPage<At>
export type Answer = JourneyAnswer<At>
export type Start = StartPage<At>
export type Begun = StartAnswer<At>

export const callerIn = ({ caller, locale }: StartTurn): Caller => ({ ...caller, locale })

/** What codes and counts know this journey by. */
export const loginIn = (turn: StartTurn): Login =>
  loginOf(turn.journey.id, callerIn(turn), new Date(turn.journey.expires))
