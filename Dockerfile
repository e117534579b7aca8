# One image for every role: `docker run … maplebridge start gateway`. Nothing is fetched but npm packages.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node bin/build.mjs && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production MAPLEBRIDGE_DEMO=off HOST=0.0.0.0
WORKDIR /app
COPY --from=build --chown=root:root /app ./
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "bin/healthcheck.mjs"]
# A request lives longer than it takes to fill a young generation of the usual size: twice that is collected for less than half the work.
ENTRYPOINT ["node", "--max-semi-space-size=32", "bin/maplebridge.mjs"]
CMD ["start", "gateway"]
