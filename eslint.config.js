import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

// The house rules that a machine can hold. Each says where the thing belongs, so that the message is the remedy.
const defaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'No default exports: a thing has one name, wherever it is used.',
}
const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Environment variables are read in src/platform/config only.',
}
const clock = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Ask clock.now() or clock.wire() (src/platform/clock.ts).',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Ask clock.now() or clock.wire() (src/platform/clock.ts).',
  },
]
const mathRandom = {
  selector: "MemberExpression[object.name='Math'][property.name='random']",
  message: 'Randomness comes from src/platform/random.ts.',
}
const randomImports = {
  name: 'node:crypto',
  importNames: ['randomBytes', 'randomInt', 'randomUUID', 'getRandomValues', 'randomFill', 'randomFillSync'],
  message: 'Randomness comes from src/platform/random.ts.',
}
const processImports = { name: 'node:process', message: 'Environment variables are read in src/platform/config only.' }

const syntax = (...rules) => ({ 'no-restricted-syntax': ['error', defaultExport, ...rules] })
const imports = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] })

export default defineConfig(
  { ignores: ['node_modules/', '.tap/', '.sandbox/', '.cache/', 'dist/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // `'a' | 'b' | (string & {})` is how a closed list suggests itself and lets others in.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An act of a port is async whether or not this implementation of it waits for anything.
      '@typescript-eslint/require-await': 'off',
      // Ports are made of closures (`makeX(parts)`): nothing in them minds being taken out of its object.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      ...syntax(environment, mathRandom, ...clock),
      ...imports(randomImports, processImports),
    },
  },
  { files: ['src/platform/config/**'], rules: syntax(mathRandom, ...clock) },
  { files: ['src/platform/clock.ts'], rules: syntax(environment, mathRandom) },
  { files: ['src/platform/random.ts'], rules: imports(processImports) },
  {
    // What runs in the browser has the browser's clock; tests and benches set the stage and read where they run.
    files: ['src/**/scripts/**'],
    rules: syntax(environment, mathRandom),
  },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      ...syntax(mathRandom),
      ...imports(),
      // tap itself waits for its subtests.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: ['test'] }] },
      ],
    },
  },
  // Someone else's module, as it is.
  { files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['test/run.ts', 'bench/**'], rules: { 'no-console': 'off' } },
)
