export { makeLogin, type Entered, type LoginEngine } from './engine.ts'
export type { LoginOutcome, LoginRequest, Who } from './outcome.ts'
export type { LoginEnding, LoginParts, Preset, Presets } from './parts.ts'
export type { Proof, Session } from './session.ts'
