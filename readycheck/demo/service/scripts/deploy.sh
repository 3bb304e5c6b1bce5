#!/bin/sh
# Rolls a release out: deploy.sh <release>. Expects DEPLOY_HOST, reachable with ssh.
set -eu

release="$1"
remote() { ssh "deploy@$DEPLOY_HOST" "cd /srv/loan-service && RELEASE=$release $*"; }

remote docker compose pull api
remote docker compose run --rm api npx sequelize-cli db:migrate
remote docker compose up --detach api

curl --fail --retry 5 --retry-connrefused https://api.minibusinessloan.com/api/v1/health
